"""Chinese names: a surname with a cue (我叫, 姓, 先生, 联系人) and no common word in its place.

Limits: a full name without any cue is not found; given names alone are not found.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.characters import HAN
from qa.privacy.found import PERSON, Found
from qa.privacy.view import QUESTION_END, View
from qa.privacy.words import words

SURNAMES = (
    "王李张刘陈杨黄赵周吴徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "常温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍"
    "涂成苗谷曲盛翁冉路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫费卜冷晏席卫"
)
COMPOUND = "欧阳|上官|司马|诸葛|司徒|东方|皇甫|令狐|尉迟|公孙|慕容|夏侯|端木|独孤|南宫|闻人"
_TITLE = (
    "先生|女士|小姐|太太|师傅|阿姨|叔叔|老师|经理|主任|主管|主席|局长|总监|医生|律师|教授"
    "|警官|同志|大哥|大姐"
)
_NOT_NAMES = words(
    """
    高兴 方便 时候 时间 马上 谢谢 任何 任务 关于 由于 对于 于是 何时 何况 如何 温馨 安全 安排 安装
    常常 经常 成功 成为 成本 向您 单位 单独 解决 解释 解除 连接 连续 关系 关闭 关心 关注 包括 包裹
    包含 文件 文字 文明 华为 金额 金融 金卡 易得 白天 黄金 黄色 白色 江苏 江西 江南 海关 万一 万元
    武汉 石家 张贴 周一 周二 周三 周四 周五 周六 周日 周末 周期 周到 周年 周围 平时 余额 余下 程序
    程度 路上 路由 游戏 管理 管家 车子 车辆 车主 项目 简单 费用 费率 广东 尚未 宁波 古代 吉林 党员
    左右 左边 全部 许多 许可 贺卡 顾客 毛病 严重 严格 钱包 钱款 方面 方法 方式 方案 方向 高级 高速
    高峰 高铁 高新 高档 苏州 唐山 卢布 国际 夏天 夏季 秦皇 龙卡 雷达 史上 商家 牛奶 康复 温度 施工
    庄重 章程 申请 申诉 申报 欧元 欧洲 兰州 童装 毕竟 毕业 季度 盛大 曲线 景点 景区 席位 冷静 冷却
    卫生 卫星 房子 房间 房东 房产 房贷 农业 农村 农行 司机 司法 连忙 麦当 尤其 阳光 阳台 艾特 解约
    宋体 叶子 曾经 田地 董事 郑州 郑重 杜绝 林业 罗列 谈谈 马路 马虎 胡说 胡乱 付款 付费 付钱 付清
    常见 姚明 应该 明白 成都 成员 成交 向前 包月 文化 钟头 陆续 石油 贾人 程控 段时 段落 单号 单子
    单据 华北 华东 华南 于此 何必 何种 何地 何方 有何 安心 安徽 安静 易懂 商品 和您 丁点 何人 时常
    路线 路边 时刻 方才 阳历 广告 管用 管道 游客 费心 白白 白条 尚可 游泳 许久 向导 全家 马桶 石头
    高中 高低 高额 强烈 余款 成年 成绩 金属 关机 关掉 关键 关联 关怀 章节 单价 单身 牛人 温和
    """
)
_COMMON_NEXT = (
    "的是在了就想要有来不没这那也还和跟给把被让说问看去到从对吗呢吧啊"
    "呀您你我他她它们么怎什谁哪很太都只再打买办用过能会可得已叫做一个家"
)
_NAME_CHARS = rf"[{HAN}]"
_BOUNDARY = rf"(?=[^{HAN}]|$|[的是在吗呢吧啊了，哦呀要想和来跟])"
_GIVEN = re.compile(
    rf"(?:我(?:的名字)?叫|本人叫|名字(?:是|叫)|姓名(?:是|叫|为)?|名叫|叫做"
    rf"|全名(?:是|叫)?|联系人(?:是|叫)?|收件人(?:是|叫)?|收货人(?:是|叫)?"
    rf"|户名(?:是|叫)?|机主(?:是|叫)?|持卡人(?:是|叫)?|开户人(?:是|叫)?|投保人(?:是|叫)?"
    rf"|被保险人(?:是|叫)?|登记人(?:是|叫)?|登记的是|抬头(?:是|写)?"
    rf"|(?:他|她|客户|本名|孩子|爱人|老公|老婆|先生|太太|儿子|女儿|父亲|母亲|爸爸"
    rf"|妈妈)叫)[:：,， 、]{{0,2}}"
    rf"(?P<name>(?:{COMPOUND}){_NAME_CHARS}{{1,2}}|[{SURNAMES}]{_NAME_CHARS}{{1,2}})"
)
_I_AM = re.compile(
    r"(?:(?<!不)(?:我是|我这边是|这里是|本人|您是|请问是)|(?<=[,，。 ])叫)"
    rf"(?P<name>(?:{COMPOUND}){_NAME_CHARS}{{1,2}}|[{SURNAMES}]{_NAME_CHARS}{{1,2}})"
    rf"(?=本人|[,，。.!！?？]|$|吗[?？]?)"
)
_SURNAME = re.compile(
    rf"(?:免贵姓|我姓|姓|贵姓[^{HAN}]{{0,3}}|敝姓|弓长|木子)(?P<name>{COMPOUND}"
    rf"|[{SURNAMES}])(?={_BOUNDARY}|[{HAN}])"
)
_TITLED = re.compile(rf"(?=(?P<name>(?:{COMPOUND}|[{SURNAMES}]){_NAME_CHARS}{{0,2}}?)(?:{_TITLE}))")
_FAMILIAR = re.compile(rf"(?P<name>[小老][{SURNAMES}])(?=[,，。!！?？ ]|$|您好|你好|啊|呀)")
_QUESTION = re.compile(r"(?:贵姓|怎么称呼|姓名|名字|叫什么|全名|户名|联系人|收件人)")
_SPELLED = re.compile(
    rf"(?P<name>[{SURNAMES}]{_NAME_CHARS}{{1,2}})[,，]?(?:弓长|木子|耳东|双木|口天|草头|三横|立早"
    rf"|古月|言午)"
)


def recognise(view: View) -> Iterator[Found]:
    """Names beside their cues, over-reading by a character rather than leaving one."""
    for pattern, score, reason in (
        (_GIVEN, 0.85, "after 叫 or 姓名"),
        (_I_AM, 0.6, "after 我是, as a whole phrase"),
        (_SPELLED, 0.65, "name with its characters explained"),
    ):
        for match in pattern.finditer(view.text):
            name = _trimmed(match["name"], view.text[match.end("name") :])
            if name and not (reason.startswith("after 我是") and len(name) < 2):
                yield from _person(view, match.start("name"), name, score, reason)
    for match in _SURNAME.finditer(view.text):
        if match["name"] + view.text[match.end("name") :][:1] not in _NOT_NAMES:
            yield from _person(view, match.start("name"), match["name"], 0.75, "after 姓")
    yield from _titled(view)
    yield from _answers(view)


def _titled(view: View) -> Iterator[Found]:
    end = 0
    for match in _TITLED.finditer(view.text):
        name = match["name"]
        straddled = view.text[max(0, match.start() - 1) : match.start() + 1]
        if match.start() < end or straddled in _NOT_NAMES or not _plausible(name):
            continue
        end = match.start() + len(name)
        yield from _person(view, match.start(), name, 0.8, "surname before a title")


def _answers(view: View) -> Iterator[Found]:
    question, mark, answer = view.text.rpartition(QUESTION_END)
    if not mark or not _QUESTION.search(question.rpartition(QUESTION_END)[2]):
        return
    match = re.match(
        rf"[嗯啊哦,， ]*(?:是|叫|姓)?(?P<name>(?:{COMPOUND}|[{SURNAMES}]){_NAME_CHARS}{{0,2}})",
        answer,
    )
    if match:
        at = match.start("name")
        name = _trimmed(match["name"], answer[match.end("name") :])
        if name:
            yield from _person(
                view, len(question) + 1 + at, name, 0.7, "answer to a question for a name"
            )


def _plausible(name: str) -> bool:
    return not any(name[at : at + 2] in _NOT_NAMES for at in range(len(name) - 1)) and not any(
        char in _COMMON_NEXT for char in name[1:]
    )


def _trimmed(name: str, _after: str) -> str:
    """The part of `name` that can be one: `李明的` → `李明`, `高兴` → nothing."""
    title = re.search(_TITLE, name)
    name = name[: title.start()] if title else name
    if name[:2] in _NOT_NAMES:
        return ""
    first = 2 if re.match(COMPOUND, name) else 1
    for at in range(first, len(name)):
        if name[at] in _COMMON_NEXT:
            return name[:at] if at > 1 else ""
        if at > first and name[at - 1 : at + 1] in _NOT_NAMES:
            return name[: at - 1] if at - 1 > 1 else ""
    return name


def _person(view: View, start: int, name: str, score: float, reason: str) -> Iterator[Found]:
    if name not in view.allowed:
        yield Found(type=PERSON, start=start, end=start + len(name), score=score, reason=reason)
