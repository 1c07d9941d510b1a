"""What agents and customers say by trade: the words `roles` weighs.

Weights are natural-log odds for one hit, set from what the phrase means in service calls, not
fitted to any data set. Later hits of one cue count half as much each time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from qa.text import has_han


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A kind of saying and how strongly it speaks for the agent (negative: for the customer).

    Attributes:
        opening: True when it counts fully only in a speaker's first turns, and half later.
        homophones: Chinese phrases also recognised by their sound, because a weak recogniser
            writes 公号 for 工号; their pinyin must be unmistakable (three syllables or more).
    """

    name: str
    weight: float
    zh: re.Pattern[str]
    en: re.Pattern[str]
    opening: bool = False
    homophones: tuple[str, ...] = ()


def _cue(name: str, weight: float, zh: str, en: str, **options: object) -> Cue:
    return Cue(
        name=name,
        weight=weight,
        zh=re.compile(zh or r"(?!)"),
        en=re.compile(rf"\b(?:{en})" if en else r"(?!)"),
        **options,  # type: ignore[arg-type]
    )


CUES: tuple[Cue, ...] = (
    _cue(
        "greeting",
        2.5,
        r"为[您你]服务|[感谢]谢(?:您|你)?(?:的)?(?:来电|致电|拨打)|欢迎(?:致电|拨打)"
        r"|有什么(?:可以|能|需要|问题).{0,4}(?:帮|为)|可以帮(?:到)?您|能帮(?:到)?您"
        r"|请问.{0,6}(?:需要什么|办理什么|咨询什么)",
        r"(?:thank you|thanks)(?: so much| very much)? for (?:calling|holding|contacting)"
        r"|how (?:can|may|could) i (?:help|assist|be of)|what can i (?:help|do for|assist)"
        r"|welcome to|how (?:can|may) i direct",
        opening=True,
        homophones=("为您服务", "感谢您的来电", "有什么可以帮", "很高兴为您"),
    ),
    _cue(
        "self_id",
        2.0,
        r"工号|客服(?:中心|代表|专员|热线|小|部)|这里是.{1,12}(?:公司|中心|银行|客服|热线|部)"
        r"|我是.{0,10}(?:客服|专员|经理|顾问|坐席|座席|工作人员)|我这边是.{1,10}的",
        r"this is \w+(?: \w+)? (?:at|with|from|here at|over at|in)\b|(?:calling|call) (?:you )?from\b"
        r"|on behalf of|my name is \w+(?: \w+)?(?: and)? (?:how|i'?ll be)|customer (?:care|service),"
        r"|speaking,? how|agent id|representative",
        opening=True,
        homophones=("客服中心", "客服代表"),
    ),
    _cue(
        "verification",
        1.3,
        r"(?:请|麻烦)(?:您|你)?(?:再)?(?:提供|报一下|说一下|输入|核对|出示)|核[实对]一下|验证一下"
        r"|(?:您|你)(?:的)?(?:贵姓|怎么称呼|全名)|怎么称呼(?:您|你)|机主(?:本人)?吗"
        r"|(?:请问|方便).{0,4}(?:您|你)的?.{0,4}(?:姓名|手机号|电话|订单号|地址|身份证|账号)",
        r"(?:can|could|may) i (?:please )?(?:have|get|grab|ask|verify|confirm|take) (?:your|the|a|you)"
        r"|(?:can|could|would) you (?:please )?(?:verify|confirm|spell|provide|give me your|tell me your|"
        r"repeat)|what(?:'s| is) (?:your|the) (?:name|address|phone|account|zip|date of birth|email|"
        r"last name|first name|order|number|company|bill)|which (?:card|account|one|date|\w+) would you"
        r"|for (?:verification|security)|who am i speaking",
        homophones=("核实一下", "请您提供", "怎么称呼您"),
    ),
    _cue(
        "service_act",
        1.0,
        r"(?:我)?(?:来|先|这边|马上|现在)?(?:帮|为|给|替)您(?:的)?[^，。？]{0,2}(?:查|看|办|处理|核|登|反馈|"
        r"转|确认|申请|预约|改|取消|开|关|推荐|记录|安排|提交|联系|介绍|退|订|升级|催)|为您",
        r"(?:i'?ll|i will|i can|i'?m going to|let me|i have|i'?ve|we'?ll|we can) (?:just |go ahead and "
        r"|gladly |certainly |definitely )*(?:help you|check (?:that|on|for|your|the)|look (?:that|into|up)|pull"
        r"|transfer|send (?:you|out|that|a)|order(?:ed)? (?:you|a)|process|schedule|arrange|book you|get you|put you"
        r"|note|update your|assist|escalate|issue|apply|recommend|offer you)"
        r"|i'?d be (?:happy|glad) to|i would be (?:happy|glad) to|happy to (?:help|assist)",
        homophones=("帮您查一下", "帮您看一下", "帮您处理"),
    ),
    _cue(
        "hold",
        1.2,
        r"请?(?:您|你)?稍[等候]|让您久等|久等了|(?:不要|别|请勿)挂(?:机|断)?|感谢(?:您的?)?(?:耐心)?等待",
        r"(?:please|can you|could you)? ?hold (?:on |the line )?(?:please|for|while|just)|one moment"
        r"|bear with me|(?:just )?give me (?:a|one|just)|thanks for (?:waiting|your patience)|while i",
        homophones=("请您稍等", "让您久等"),
    ),
    _cue(
        "closing",
        1.8,
        r"(?:请问)?(?:您|你)?还?有(?:什么|其他|别的|其它).{0,6}(?:帮|需要|问题|业务)|祝您|感谢您的(?:来电|支持|理解|配合)"
        r"|(?:服务)?评价|满意度|请(?:您)?(?:对|为).{0,8}(?:评|打分)",
        r"(?:is there |was there )?anything (?:else|other)(?: that)?(?: i| we)? (?:can|could|may)"
        r"|anything else (?:i|for|today|you)"
        r"|(?:you )?have a (?:great|good|nice|wonderful|lovely|pleasant|safe)"
        r"|(?:short|brief) survey|thank you for (?:being|choosing|your (?:business|patience|loyalty))",
        homophones=("祝您生活愉快", "还有什么可以帮"),
    ),
    _cue(
        "institution",
        0.6,
        r"我们(?:这边|公司|这里|系统|会|可以|将|提供|有)|系统(?:显示|里|上)|(?:您|你)的(?:账户|订单|账号|套餐|工单|"
        r"申请|预约|问题)|给您(?:带来|造成)|非常抱歉|建议您|推荐(?:您|你)?",
        r"our (?:system|records|policy|team|policies|department|website|technician|branch|hours|office|service)"
        r"|we (?:have|do|offer|can|will|accept|charge|currently|also|open|close|would need|just need)"
        r"|your (?:account|balance|order|appointment|card|password|reservation|request|case|booking|total)"
        r" (?:is|has|will|was|number|would|comes)|i (?:do )?(?:apologi[sz]e|understand)"
        r"|(?:sorry )?for the inconvenience|sir\b|ma'?am\b|(?:on|in) (?:your|the) account|certainly|absolutely"
        r"|i see (?:here|that|you)",
    ),
    _cue(
        "request",
        -1.1,
        r"我(?:就)?(?:是)?(?:想|要|需要|打算|准备)(?:要|再)?(?:问|咨询|查|办|投诉|退|改|订|预订|取消|找|买|了解|反映|"
        r"申请|换|去|吃|住|知道|请|开|报)|帮我|给我(?:推荐|找|查|介绍|办|一个|说|换|退)|告诉我|我(?:想|要)要"
        r"|能不能(?:帮我|给我|便宜)|(?:麻烦|请)(?:你|您)?(?:帮|给)我|有没有.{0,8}推荐|(?:请|再)?推荐一(?:个|家|下)",
        r"i(?:'m| am)(?: just)? calling (?:about|because|to|in|regarding|for)|i(?:'d| would) like(?: to)?"
        r"|i (?:just )?(?:need|want|wanted|was wondering|was hoping|was looking|was trying)"
        r"|i(?:'m| am) (?:having|looking|trying|interested|wondering|not (?:sure|able))"
        r"|i have a (?:question|problem|issue|reservation|flight|complaint)|(?:can|could) you (?:please )?(?:help|tell"
        r"|send|give|check|explain|book|change|recommend|fix)(?: me)?|help me|i lost|how (?:much|long|soon) (?:is|are|would|does|do|will)"
        r"|do you (?:guys )?(?:have|know|take|offer|think)",
    ),
    _cue(
        "own_affairs",
        -0.8,
        r"我的(?:手机|订单|账[户号]|卡|宽带|快递|账单|电脑|网|电话|会员|包裹|钱|车|积分|套餐)|我家|我(?:昨天|上次|上个月|前天|"
        r"之前|刚才|已经)(?:就)?(?:打|买|办|交|问|跟|收|用|充)|你们(?:公司|客服|这|那|怎么|的|到底|是不是)|怎么(?:还没|"
        r"回事|这么|又)|凭什么|扣(?:了)?我",
        r"my (?:card|account|bill|car|truck|order|phone|appointment|reservation|flight|booking|password|trip|hotel"
        r"|wife|husband|insurance|internet|money|checking|savings|debit|credit|check|package|number is|address is"
        r"|luggage|refund|ticket|vehicle)|i(?:'ve| have) been (?:waiting|trying|on hold|charged|calling|having)|i never"
        r"|i was (?:charged|told|supposed)|you (?:guys|people)|you (?:said|told me)|nobody|that(?:'s| is) ridiculous",
    ),
    _cue(
        "customer_closing",
        -0.8,
        r"(?:好的?|行|嗯)?(?:没有了|没别的了|没了|没事了|不用了)|那就这样|麻烦(?:您|你)了",
        r"no,? (?:that(?:'s|'ll| is| was| will| would)|i think that)|that(?:'s| is| was| will be|'ll be| would be)"
        r" (?:it|all|everything|gonna be)|nope|you too|thank you for (?:your|all your) help"
        r"|thanks for (?:your|the|all your) help",
    ),
)

#: A recorded voice: menus, queues, voicemail. One menu cue, or two others, make a system turn.
MENU = re.compile(
    r"请按[\d一二三四五六七八九零#*井星]|按[\d一二三四五六七八九零]号?键|按(?:井|星|[#*])号?键|人工服务请?按"
    r"|\bpress (?:\d|one|two|three|four|five|six|seven|eight|nine|zero|pound|star|the)\b"
    r"|\bafter the (?:tone|beep)\b|\bleave (?:a|your) message\b|听到.{0,4}(?:嘀|滴|提示音)"
)
QUEUE = re.compile(
    r"来电(?:对我们)?(?:非常|十分|很)重要|(?:座席|坐席|客服|话务员)(?:全)?(?:正)?忙|正在(?:为您)?(?:转接|接通|排队)"
    r"|请(?:不要|勿)挂机|您(?:所)?拨打的(?:电话|号码|用户)|暂时无法接通|(?:通话|电话).{0,6}录音|欢迎(?:致电|拨打)"
    r"|\byour call (?:is|may be|will be) (?:very )?(?:important|recorded|monitored|answered)"
    r"|\ball (?:of )?our (?:\w+ )?(?:agents|representatives|operators|associates|lines|advisors)"
    r"|\b(?:remain|stay|please hold) on the line|\byou(?:'ve| have) reached\b|\bestimated wait"
    r"|\bthe (?:person|number|customer|subscriber) you (?:are|have) (?:calling|called|dialed)"
    r"|\bfor (?:english|spanish|sales|service|billing|support),? |\bnot available\b|\bvoicemail\b"
)


def count(cue: Cue, text: str) -> int:
    """How often a turn (lower case, simplified) carries the cue."""
    hits = sum(1 for _ in cue.zh.finditer(text)) if has_han(text) else 0
    hits += sum(1 for _ in cue.en.finditer(text))
    if not hits and cue.homophones and has_han(text):
        sound = syllables(text)
        hits = sum(1 for phrase in cue.homophones if syllables(phrase) in sound)
    return hits


@cache
def syllables(text: str) -> str:
    """Toneless pinyin with the usual confusions folded, one `.` between syllables."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - 0.2 s of dictionaries, only for Chinese

    return "." + ".".join(_folded(item) for item in lazy_pinyin(text)) + "."


def _folded(syllable: str) -> str:
    folded = re.sub(r"^([zcs])h", r"\1", syllable)
    folded = re.sub(r"^n(?=[aeiou])", "l", folded)
    return re.sub(r"(?<=[aei])ng$", "n", folded)
