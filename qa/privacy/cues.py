"""Words that announce what a number is; the last one before it decides."""

from __future__ import annotations

import re

from qa.privacy import found as kinds

AMOUNT = "AMOUNT"
"""Not personal: amounts, durations, counts."""

_WORDS = {
    kinds.CVV: r"cvv2?|cvc2?|安全码|卡背面的?(?:三位|后三位|末三位)|背面的?(?:三|3)位"
    r"|(?:背面|反面|卡片?后面).{0,9}(?:三|3)(?:位|个数|个号)|security code|signature (?:strip"
    r"|panel)"
    r"|(?:three|3)[- ]digit (?:security )?code|(?:code|number) on the back(?: of \w+ \w+)?"
    r"|(?:four|4)[- ]digit code (?:on|from) the front(?: of (?:your|my|the) \w+)?"
    r"|card verification|(?:three|3) digits? on the back|back of (?:the|your|my) card",
    kinds.PASSCODE: r"验证码|验证吗|校验码|动态码|动态密码|短信码|取件码|提取码|口令|密码"
    r"|收到的?(?:那[个串])?(?:数字|号码)|短信(?!费)[^。?!\n]{0,6}(?:数字|号码)|(?:发"
    r"|收到)[^。?!\n]{0,6}位数字?(?!的?号)"
    r"|passcode|password|(?:four|five|six|eight|[4-8])[- ]digit (?:code|number|pin)"
    r"|(?:texted|sent|emailed) (?:you|me) (?:a|the|your) (?:\w+[ -]){0,2}code"
    r"|(?:text|message|e-?mail),? (?:it |that |which )?(?:says|said|reads)|what code"
    r"|activation code"
    r"|(?<![a-z])(?:the|my|that|your) code(?='s| is)"
    r"|code (?:(?:that )?(?:you|i) (?:just )?(?:got|get|see|receive)|(?:on|in|from) (?:the|your|my)"
    r" (?:app|authenticator|text|phone|screen|message|e-?mail))|passphrase"
    r"|(?:security|secret|memorable) word|pass ?key"
    r"|pass ?word|one[- ]time (?:code|pin|password)|verification code|security pin|access code"
    r"|confirmation code|pin(?: code| number)?(?![a-z])|otp(?![a-z])|auth(?:entication)? code"
    r"|code (?:we|i|that was|you were) (?:sent|texted|received)|text(?:ed)? (?:you|me) (?:a"
    r"|the) code",
    kinds.ID_CARD: r"身份证|证件号|证件号码|id ?card|identity card|national id",
    kinds.BANK_CARD: r"银行卡|信用卡|储蓄卡|借记卡|卡号|卡片号|工行卡|建行卡|农行卡|招行卡"
    r"|credit card|debit card|bank card|card (?:number|no\.?|#)|visa|mastercard|amex|my card"
    r"|the card",
    kinds.PHONE: r"手机号|手机|电话|联系方式|号码是|致电|拨打|座机|固话|热线|来电|传真|打给?我?"
    r"|phone|mobile|cell|telephone|call (?:me|him|her|us|back)|reach me|fax|desk:|tel(?![a-z])"
    r"|contact number"
    r"|my number|your number|best number|whatsapp|text me|dial|landline|hotline",
    kinds.ACCOUNT: r"账号|抖音号?|快手号?|支付宝|用户名|用户号|机顶盒号|积分卡|房产证号?|微信号?"
    r"|qq号?码?|扣扣号?|wechat|帐号|账户|帐户|户号|会员号|会员卡号"
    r"|社保卡号?|医保卡?号?|序列号|串号|客户号|客户编号|用户编号|保单号|社保号|公积金号"
    r"|合同号|学号|account(?: number| no\.?| #)?"
    r"|acc?t?\.? (?:no|num|number)(?![a-z])|a/c|member(?:ship)? (?:number|id)|customer (?:number"
    r"|id)"
    r"|policy number|imei|(?:serial|medicare|nhs|meter|loyalty|insurance|frequent flyer|tax)"
    r" (?:number|id|no)(?![a-z])|frequent flyer|meter serial|user ?(?:name|id)(?![a-z])"
    r"|(?:student|employee) (?:id|number)"
    r"|(?<![a-z])(?:acct|vin)(?![a-z])|policy(?= [a-z]{0,4}-?\d|\W{0,2}$)|routing number"
    r"|sort code|iban",
    kinds.ORDER: r"订单|单号|运单|快递单|工单|流水号|交易号|受理编号|受理号|编号|发票号码?|退款单"
    r"|order|tracking"
    r"|reference"
    r"|ticket|case number|claim (?:number|id|no)|confirmation (?:number|code)"
    r"|rma(?![a-z])|invoice|(?:p\.?o\.?|purchase order) (?:number|no|#)|booking|pnr(?![a-z])",
    kinds.PASSPORT: r"护照|通行证|台胞证|回乡证|passport",
    kinds.US_SSN: r"social security|(?:ssn|itin)(?![a-z])|social(?= (?:is|number))"
    r"|social['’]s|(?<=(?:my|ur|ll) )social(?! (?:media|network|work|life|account))",
    kinds.DRIVER_LICENSE: r"驾照|驾驶证|driver'?s? licen[sc]e|driving licen[sc]e|licen[sc]e number",
    kinds.PLATE: r"licen[sc]e plate|number plate|plate (?:number|no\.?|is)|(?:my|the|car"
    r"|car's) (?:plate|tag)(?= is|:|\W{0,2}$)"
    r"|(?:vehicle|car|my|the) registration|registration (?:number|plate|is)|tag number"
    r"|registration\W{0,3}$",
    kinds.ZIP: r"邮编|邮政编码|zip(?: ?code)?(?![a-z])|postal code|post ?code",
    kinds.BIRTH_DATE: r"出生日期|出生年月|生日|出生(?!证|地|医)|(?:哪年|哪天|几号|几月|什么时候)生"
    r"|date of birth|birth ?date"
    r"|birthday|born|d\.?o\.?b(?![a-z])",
    AMOUNT: r"金额|余额|总共|一共|合计|消费了|充值|转账了|价格|欠费|积分(?!卡)|流量|利息|本金|额度"
    r"|balance|amount|total|worth|cost|price|paid|\$|¥|￥|€|£|usd|rmb|points",
}
CUES = {kind: re.compile(words) for kind, words in _WORDS.items()}
_ANY = re.compile("|".join(f"(?P<{kind}>{words})" for kind, words in _WORDS.items()))


def nearest(before: str) -> str:
    """The type whose words come last in `before`, or `""`."""
    found = ""
    for match in _ANY.finditer(before):
        found = match.lastgroup or ""
    return found
