"""Words that announce what a number is; the last one before it decides."""

from __future__ import annotations

import re

from qa.privacy import found as kinds

AMOUNT = "AMOUNT"
"""Not personal: amounts, durations, counts."""

_WORDS = {
    kinds.CVV: r"cvv2?|cvc2?|安全码|卡背面的?(?:三位|后三位|末三位)|背面的?(?:三|3)位|security code"
    r"|card verification|(?:three|3) digits? on the back|back of (?:the|your|my) card",
    kinds.PASSCODE: r"验证码|验证吗|校验码|动态码|动态密码|短信码|取件码|提取码|口令|密码"
    r"|passcode|password|(?<![a-z])(?:the|my|that) code(?='s| is)"
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
    kinds.ACCOUNT: r"账号|微信号?|qq号?码?|扣扣号?|wechat|帐号|账户|帐户|户号|会员号|会员卡号"
    r"|客户号|客户编号|用户编号|保单号"
    r"|社保号|公积金号"
    r"|合同号|学号|account(?: number| no\.?| #)?"
    r"|acc?t?\.? (?:no|num|number)(?![a-z])|a/c|member(?:ship)? (?:number|id)|customer (?:number"
    r"|id)"
    r"|policy number|routing number|sort code|iban",
    kinds.ORDER: r"订单|单号|运单|快递单|工单|流水号|交易号|受理编号|受理号|编号|order|tracking"
    r"|reference"
    r"|ticket|case number|claim (?:number|id|no)|confirmation (?:number|code)"
    r"|invoice|booking|pnr(?![a-z])",
    kinds.PASSPORT: r"护照|passport",
    kinds.US_SSN: r"social security|ssn(?![a-z])|social(?= (?:is|number))",
    kinds.DRIVER_LICENSE: r"驾照|驾驶证|driver'?s? licen[sc]e|driving licen[sc]e|licen[sc]e number",
    kinds.ZIP: r"邮编|邮政编码|zip(?: ?code)?(?![a-z])|postal code|post ?code",
    kinds.BIRTH_DATE: r"出生日期|出生年月|生日|出生于|出生在|哪年出生|什么时候出生|date of birth"
    r"|birth ?date"
    r"|birthday|born|d\.?o\.?b(?![a-z])",
    AMOUNT: r"金额|余额|总共|一共|合计|消费了|充值|转账了|价格|欠费|积分|流量|利息|本金|额度"
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
