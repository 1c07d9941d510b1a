"""The words of promises: actions that outlive a call, who acts, what makes no promise."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from qa.calls import Role
from qa.evaluation import Bilingual


@dataclass(frozen=True, slots=True)
class Action:
    """An action that outlives a call, in both languages."""

    title: Bilingual
    zh: str
    en: str


ACTIONS: Mapping[str, Action] = {
    "call_back": Action(
        Bilingual(zh="回电", en="call back"),
        r"回电|回您电话|回个电话|回拨|致电|打给您|给您(?:去|打|来)?电话|电话联系|打电话给您|再打",
        r"call(?:ing)? you(?: back)?|give you a (?:call|ring)|ring you|call back"
        r"|phone you|expect a call|get a call",
    ),
    "visit": Action(
        Bilingual(zh="上门", en="visit"),
        r"上门|到您家|去您家|到家里",
        r"(?:come|be) (?:out|over|round|with you)|visit|arrive|send (?:an? |the "
        r"|someone)(?:engineer|technician|out|someone)?",
    ),
    "refund": Action(
        Bilingual(zh="退款到账", en="refund"),
        r"退款|退(?:还)?给您|退回|到账|返还|赔付|补偿给您|减免",
        r"refund|reimburse|credit (?:your|the|it|you)|money back|compensat",
    ),
    "send": Action(
        Bilingual(zh="寄送或发送", en="send"),
        r"寄(?:给|出|到|过)|补寄|补发|重发|发(?:给|到|送|您|过)|快递给|发货|送到|送达",
        r"send|email|e-mail|text you|post|ship|deliver|replacement",
    ),
    "reply": Action(
        Bilingual(zh="答复", en="reply"),
        r"回复|答复|反馈|联系您|联系你|通知您|通知你|告诉您结果|给您(?:一个)?结果|短信通知",
        r"get back to|hear from|contact you|be in touch|let you know|update you"
        r"|reply|respond|get a text|notify",
    ),
    "fix": Action(
        Bilingual(zh="处理或修复", en="resolve"),
        r"处理(?:好|完|完成)?|解决|修好|修复|恢复|更换|办好|完成|升级处理|核实",
        r"fix|resolve|sort(?:ed)? (?:it|this|that)? ?out|restore|process|replace"
        r"|complete|look into",
    ),
    "follow_up": Action(
        Bilingual(zh="跟进", en="follow up"),
        r"跟进|跟踪|负责到底|盯着",
        r"follow(?:ing)? up|keep an eye|check on (?:it|this|that)|chase",
    ),
    "pay": Action(
        Bilingual(zh="付款或补材料", en="pay or supply"),
        r"(?:还|付|缴|交)(?:款|清|钱|费|上)|转过去|打过去|补交|提交|提供|发过去|寄过去",
        r"pay|transfer the|send (?:it|you|the)|provide|bring|upload",
    ),
}
#: Actions a customer promises; everything else in a customer's turn is a wish.
CUSTOMER_ACTIONS = ("pay", "call_back")
#: Actions finished in the call unless a time says otherwise.
ON_THE_LINE = frozenset({"fix", "refund", "send"})

SUBJECT = {
    "zh": re.compile(
        r"我(?!想|要|看|觉得)|工程师|师傅|专员|专家|同事|技术|后台|主管|经理|部门|系统|客服|快递|财务|退款|款项|短信|(?:会"
        r"|将)(?:有|在|给|安排)?|给您|为您|帮您"
    ),
    "en": re.compile(
        r"\b(?:i|we|they|he|she|it|someone|somebody|engineer|technician"
        r"|specialist|colleague|manager|team|department|courier|refund"
        r"|replacement|you)(?:'ll| will|'m going to| are going to|'re going to"
        r"| is going to| should| takes?| can expect)|\b(?:expect|promise"
        r"|let me (?:call|get back))",
        re.IGNORECASE,
    ),
}
CUSTOMER_SUBJECT = {
    "zh": re.compile(r"我(?:们)?(?:会|就|再|去|明天|今天|后天|晚点|下午|下周|回头|一会|待会)"),
    "en": re.compile(r"\bi(?:'ll| will|'m going to)\b", re.IGNORECASE),
}
_NEVER = re.compile(r"(?!)")
UNSAID = {
    (Role.AGENT, "zh"): re.compile(r"[前内].{0,4}(?:上门|回电|答复|回复|到账|送到|寄出)"),
    (Role.AGENT, "en"): _NEVER,
    (Role.CUSTOMER, "zh"): _NEVER,
    (Role.CUSTOMER, "en"): _NEVER,
}
NOT_A_PROMISE = {
    "zh": re.compile(
        r"[吗么？?]|可不可以|能不能|行不行|要不要|是不是|好不好|不能|无法|没办法|不会|没法|不可以|已经|刚才|上次|之前有|曾经"
        r"|(?:处理|解决|回复|退|联系|寄|送)(?:过|了)|如果|要是|假如|麻烦您|请您|需要您|您(?:可以|需要|要|得|自己)"
    ),
    "en": re.compile(
        r"\?|\b(?:can't|cannot|won't|wouldn't|unable|not able|already|yesterday"
        r"|last (?:week|time|month)|if you|would you like|do you want|should i"
        r"|shall i|could you|can you|you need to|you can|you have to|may i"
        r"|can i)\b",
        re.IGNORECASE,
    ),
}
VAGUE = {
    "zh": re.compile(r"尽快|稍后|马上|随后|过几天|到时候|近期|第一时间|晚点|回头"),
    "en": re.compile(
        r"\b(?:as soon as possible|soon|shortly|later|at some point"
        r"|in due course|asap)\b",
        re.IGNORECASE,
    ),
}
SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]?")
EN_SENTENCE = re.compile(r"(?:[^.!?;\n]|(?<=\d)\.(?=\d)|(?<=[ap])\.(?=m))+[.!?;\n]?")
CLAUSE = {"zh": re.compile(r"[^，,、]+[，,、]?"), "en": re.compile(r"[^,]+,?")}
