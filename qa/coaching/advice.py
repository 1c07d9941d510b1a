"""What to advise for a criterion (dossier §5.1)."""

from __future__ import annotations

from qa.evaluation import Bilingual

_ADVICE: dict[str, tuple[str, str]] = {
    "S1": ("接通后先停半秒，再按“问候—单位—工号—主动询问”四步说完",
           "Pause half a second, then greet, company, name, offer"),
    "S2.2": ("先核身再开口谈账户；两项信息缺一不办", "Verify two factors before any account fact"),
    "S2.3": ("听到密码、验证码立刻打断并提醒，不复述",
             "Stop the caller kindly when a secret is read out; never repeat it"),
    "S3.1": ("客户停顿一秒后再接话；用“嗯嗯”代替插话",
             "Wait one beat after they stop; use a short “mm-hmm”"),
    "S3.2": ("客户说长段时，每句末给一个短回应",
             "Give a short signal at the end of each sentence"),
    "S3.3": ("给方案前用“您的意思是……对吗”复述一次", "Play the need back before the answer"),
    "S3.4": ("查询前先报原因和时长；超过10秒说一句进展",
             "Say why and how long; narrate progress every 10 s"),
    "S3.5": ("边听边记关键字；没听清只问缺的那一项",
             "Note as you listen; ask only for the missing item"),
    "S4": ("先开放问事，再封闭确认；至少问到时间、现象、期望",
           "Open first, closed to confirm; time, symptom, wish"),
    "S5.1": ("先接情绪再办事：说出客户的具体困难", "Name the difficulty before the fix"),
    "S5.2": ("每次请求都加“请/麻烦”，结尾加“谢谢配合”",
             "“Please” with each request, “thank you” after"),
    "S6.1": ("关键信息（金额、时间）放慢并停顿", "Slow down on amounts and dates"),
    "S6.4": ("术语后跟一句“也就是说……”", "Follow jargon with “that means…”"),
    "S8.2": ("说完特点必接“对您来说就是……”", "End features with “for you that means”"),
    "S8.3": ("承诺写全：谁、做什么、几点前", "Who, what, by when"),
    "S9": ("六步卡：听、歉、问、担、商、诺；先问清再给方案",
           "Listen, apologise, ask, own, agree, promise; facts before fix"),
    "S10": ("等待四件事：征得同意、原因、时长、回来致谢", "Ask, why, how long, thank"),
    "S12": ("挂机前三句：小结、还有吗、致谢", "Recap, anything else, thanks"),
}  # fmt: skip
_GENERAL = Bilingual(
    zh="一起听两三段原声，请坐席自己提出两种做法，约定一种",
    en="Hear two or three clips together; let the agent offer two ways and agree on one",
)


def advice_for(criterion_id: str) -> Bilingual:
    """The advice for a criterion, that of its section where it has none of its own."""
    for key in (criterion_id, criterion_id.partition(".")[0]):
        if key in _ADVICE:
            zh, en = _ADVICE[key]
            return Bilingual(zh=zh, en=en)
    return _GENERAL
