"""Chinese names: a surname with a cue (我叫, 姓, 先生), or with characters names are made of.

Common words in the place of a name (高兴, 方便) stay. Limits: a name with rare characters and no
cue, and given names alone, are not found.
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
    "赖洪傅萧阎"
)
#: Surnames beside words that announce a name; elsewhere too often part of a word.
_RARER = (
    "闵沙宗荣蓝佘仇凤巩敖谌巫桑屠臧蔺亓粟綦逄仝佟麻仲甄牧隗储晁酆郦狄贝幸湛厉郎茅郁鞠丛栾匡寇隋阚苟竺迟逯燕雍冀楼晋"
    "郏仵乌伊苑池胥宿鱼郤尉卞咎糜虞昝钮郗邬莘班钭鄂苍闻贡姬璩桂濮寿扈浦慕茹宦戈庾暨衡禄阙殳蔚厍訾乜巢蒯荆桓"
    "柏辜刁瞿丘廉奚邸郜鄢冼楚栗薄"
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
    非常 正常 日常 平常 通常 异常 消费 免费 收费 话费 运费 石景 车比 车快 安宁 成立 江海 江山
    麻烦 高清 宝贝 信赖 依赖 无赖 抵赖 小汤 小区
    师傅 白金 平安 毛主 高中 高额 强烈 余款 成年 成绩 金属 关机 关掉 关键 关联 关怀 章节 单价
    高低 单身 牛人 温和
    """
)
#: Characters that most given names are made of (Ministry of Public Security, reports on names).
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国红梅志文斌鹏辉宇浩轩梓涵子怡欣雨佳琪晨阳博思远嘉俊熙诗雅婷慧颖雪莹倩楠峰凯龙"
    "飞波林健康宁悦瑶琳琴凤春生海山东亮光永德福贵荣昌祥顺成功立新民安清云霄航帆睿哲泽昊天奕铭锦程煜瑾萱蕾蓉伯仲叔季世家邦兴业忠孝义信仁礼"
    "智勤俭恭良善美珍珠宝金银铜铁锋钢钧钰铮锐镇震雷霆雳电风霜露霖淼沛沐沁泉泓洁津津润涌淑淳渊游湘滢漫澜濛灵炎炜炫炳烁焕然煊熠燕爱玲玮珊珂珺"
    "琦琛琨瑜瑞瑛璇璐璟甜申畅皓益盈盛真睦石砚硕祖祯禹秋科程穗竹笑笛筠筱红纯绍继维绮缘群翔翠翰耀聪育胜舒良艺芝芬芸苑茜茹荷莉莎莲菁菊菲萌萍葵"
    "蓓蓝薇虎虹蝶行衡裕西言训诚语谦豪贤起越跃达迎运进逸道遥邵郁鑫钟长阔阳隆雄霏青靖韬韵顶领颜飒香馨骁骏骥高魁鸣鸿鹃鹤麒麟黎默龄凝兰其刚利"
    "加劲勋化北千升卉卓南原双可史君启吉向君和咏品哈唯喜圆坤城培基堂壮夏大妍妙妮妹姗姝娅娇婉婧婵嫣子孟学宏定宜宝实宾富寒小少尔尚岚岩岭岳峥峻崇"
    "川巍巧帅帝师常干幼庆庭廷延弘彤彦彩彬影征徽心必忆怀恒恩恺悠惠意愉慕懿戈才扬承振捷拓择振攀敬斯方旋旭昂昕易星昭晓晖晗景晴晶智暄曦曼月朋朗朝"
    "木本权杉来松柏柔柯树根格桐梁梅森楚榕模正武毅水汉江汐沙沫河泰洪济浦淇渝滨满澄焱烨然照熹爽牧献玄玟珍理琬琼瑄璋甫生用男畅百皎盼"
    "雯苗媛芮茵蕊蔓绣漪姣妤姿娥娣彪栋柱桃洲浪滔烽焰祺秉竣纬纲绪翎聿舟芯芷苒菡葳蓁诺谊贞轲轶逊郎鉴钊钦铎铠锴锟霁韦颂骞骅佑佩佰侃俐偲傲兆凡劭卿圳坚埔垚墨夕奎宪宸寅屹峤崧崴彰恬悟懋戎拯攸敦旗晟曙朔桦榆樱沣泊浚涓湛溢溪滟潇潞灏炅烈焘煦爵珈琎璧瓒畴疆祎禾禄竣笙粤紫绒缤罡羽翊耘胤芃芋芮荔莘莞菀葆蓬薪藩蜀衍豫赫轼辰迪逢邑郅酉钥镭闯阁隽雁雍韶颐颢飏馥骋骢鲲鹭"
)
_COMMON_NEXT = (
    "的是在了就想要有来不没这那也还和跟给把被让说问看去到从对吗呢吧啊"
    "呀您你我他她它们么怎什谁哪很太都只再打买办用过能会可得已叫做一个家"
)
_NAME_CHARS = rf"[{HAN}]"
HAN_END, HAN_START = re.compile(rf"[{HAN}]$"), re.compile(rf"[{HAN}]")
_KIN = (
    "孩子|爱人|老公|老婆|先生|太太|儿子|女儿|父亲|母亲|爸爸|妈妈|丈夫|妻子|弟弟|哥哥|姐姐|妹妹"
    "|同事|朋友|家属|秘书|助理|家人|代理人"
)
_ROLE = (
    "全名|姓名|户名|账户名|机主|户主|持卡人|开户人|投保人|被保险人|登记人|办理人|经办人|受益人|申请人"
    "|担保人|监护人|联系人|收件人|收货人|寄件人|乘客|乘车人|入住人|预订人|患者|本名|抬头|落款"
)
_GIVEN = re.compile(
    rf"(?:(?:我的?|您的?|的)名字(?:是|叫|写)?|名字(?:是|叫|写)|我(?:的名字)?叫|本人叫|名叫|叫做|(?:他|她|客户|经理|{_KIN})叫"
    rf"|(?:{_ROLE})(?:是|叫|为|写|填|改成|改为|登记的是|名字是)?|登记的是|写的是"
    rf"|署名)[:：,， 、]{{0,2}}"
    rf"(?P<name>(?:{COMPOUND}){_NAME_CHARS}{{1,2}}|[{SURNAMES}{_RARER}]{_NAME_CHARS}{{1,2}})"
)
_WHOLE = re.compile(rf"(?=(?P<name>(?:{COMPOUND}|[{SURNAMES}])[{GIVEN}]{{1,2}}))")
_SURE_LEADS = (
    *("转", "找", "联系", "我妈", "我爸", "我哥", "我姐", "我弟", "我妹", "爱人", "老公", "老婆"),
    *("儿子", "女儿", "父亲", "母亲", "丈夫", "妻子"),
)
_WHOLE_RARER = re.compile(rf"(?=(?P<name>[{_RARER}][{GIVEN}]{{2}}))")
_LEADS = (
    *_SURE_LEADS,
    *(
        "让",
        "给",
        "叫",
        "是",
        "和",
        "跟",
        "与",
        "替",
        "帮",
        "被",
        "为",
        "由",
        "以",
        "写",
        "填",
    ),
    *(
        "在",
        "请",
        "向",
        "对",
        "把",
        "问",
        "刚才",
        "你好",
        "您好",
        "经理",
        "客服",
        "专员",
        "师傅",
        "同事",
    ),
    *(
        "老板",
        "员工",
        "业务员",
        "客户",
        "用户",
        "房东",
        "司机",
        "医生",
        "转给",
        "改成",
        "改为",
    ),
    *("接待我的", "嗯", "啊", "哦", "呃", "就", "我", "姓名", "客服叫", "说", "朋友"),
)
_FOLLOWS = (
    *(
        "的",
        "是",
        "在",
        "吗",
        "吧",
        "呢",
        "说",
        "接",
        "打",
        "来",
        "签",
        "办",
        "告诉",
        "答应",
        "帮",
        "给",
    ),
    *("跟", "和", "本人", "名下", "就行", "就好", "那个", "他", "她", "收", "处理", "负责", "对"),
)
_SURE_FOLLOWS = re.compile(
    rf"本人|名下|的名义|的(?:{_KIN})|是我的?(?:{_KIN})"
    r"|的(?:手机|电话|号码|身份证|账户|账号|卡|订单|地址|邮箱|生日|护照)|住在|打来|来电|签的|收(?!$|[入费到])|接(?:一下)?电话"
)
_I_AM = re.compile(
    r"(?:(?<!不)(?:我是|我这边是|这里是|本人|您是|请问是)|(?<=[,，。 ])叫)"
    rf"(?P<name>(?:{COMPOUND}){_NAME_CHARS}{{1,2}}|[{SURNAMES}]{_NAME_CHARS}{{1,2}})"
    rf"(?=本人|[,，。.!！?？]|$|吗[?？]?)"
)
_SURNAME = re.compile(
    rf"(?:免贵姓|我姓|姓|贵姓[^{HAN}]{{0,3}}|敝姓|弓长|木子)(?P<name>{COMPOUND}"
    rf"|[{SURNAMES}{_RARER}])"
)
_TITLED = re.compile(
    rf"(?=(?P<name>(?:{COMPOUND}|[{SURNAMES}]){_NAME_CHARS}{{0,2}}?|[{_RARER}][{GIVEN}]{{0,2}}?)"
    rf"(?:{_TITLE}))"
)
_FAMILIAR = re.compile(
    rf"(?:(?:我|他|她|接电话的|那个|一个|客服)(?:是|叫|找)"
    rf"|找|联系|客服|师傅|同事|问|你好|您好)[,， ]?"
    rf"(?P<name>小[{SURNAMES}])(?=[,，。!！?？]|$|吗|吧|啊|呀|说|他|她)"
)
#: Characters that foreign names are written in; shops have a middle dot too, but other characters.
_SOUNDS = (
    "阿艾埃安奥巴拜班贝比彼伯勃布达丹德迪蒂杜顿多尔凡菲费弗夫福戈格古哈海汉赫黑亨胡华霍基吉加贾杰金卡凯坎康考科克肯孔"
    "库奎拉莱兰朗劳勒雷里丽利莉莲连林琳龙隆卢鲁路伦罗洛吕马玛迈麦曼梅门蒙米密莫默木穆纳娜南内妮尼努诺欧帕派佩皮普奇"
    "齐乔切琴琼热仁日荣肉如瑞萨塞赛瑟森沙莎山舍什圣施史士斯丝思司苏塔泰坦汤特提铁图吐托瓦万王旺威薇韦维温文沃乌吴武西"
    "希锡夏肖谢辛修雪逊雅亚扬耶叶伊依易因英尤于约泽扎詹张珍朱兹孜佐买江力甫不都合"
)
_TRANSLITERATED = re.compile(
    rf"(?P<name>[{_SOUNDS}]{{2,6}}(?: ?[·•・] ?[{_SOUNDS}]{{2,8}}){{1,3}})(?![·•・])"
)
_GIVEN_ALONE = re.compile(
    rf"名字?(?:是|叫|就是)?[,， ]?(?P<name>[{GIVEN}]{{2}})(?=[,，。!！?？的]|$)"
)
_MANAGER = re.compile(r"曾经理(?![解想论发财会性智由])")
_QUESTION = re.compile(r"(?:贵姓|怎么称呼|姓名|名字|叫什么|全名|户名|联系人|收件人)")
_SPELLED = re.compile(
    rf"(?P<name>[{SURNAMES}{_RARER}]{_NAME_CHARS}{{1,2}})[,，]?(?:弓长|木子|耳东|双木|口天|草头|三横|立早"
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
            elif pattern is _GIVEN and _begins_like_a_word(view, match):
                yield from _person(view, match.start("name"), match["name"], 0.7, reason)
    for match in _SURNAME.finditer(view.text):
        if match["name"] + view.text[match.end("name") :][:1] not in _NOT_NAMES:
            yield from _person(view, match.start("name"), match["name"], 0.75, "after 姓")
    yield from _titled(view)
    yield from _answers(view)
    yield from _standing(view)
    yield from _by_other_forms(view)


def _begins_like_a_word(view: View, match: re.Match[str]) -> bool:
    """高兴国: announced as a name, and a whole one although it begins like a word."""
    name = match["name"]
    return (
        len(name) == 3
        and re.fullmatch(f"[{GIVEN}]", name[2]) is not None
        and name[1:] not in _NOT_NAMES
        and not HAN_START.match(view.text[match.end("name") :])
    )


def _by_other_forms(view: View) -> Iterator[Found]:
    """买买提·艾力, 小刘, a given name that is named as one, and 曾经理 (not 曾经)."""
    for match in _TRANSLITERATED.finditer(view.text):
        yield from _person(view, match.start(), match["name"], 0.65, "name with a middle dot")
    for pattern, reason in ((_FAMILIAR, "小 and surname"), (_GIVEN_ALONE, "given name after 名字")):
        for match in pattern.finditer(view.text):
            if match["name"] not in _NOT_NAMES:
                yield from _person(view, match.start("name"), match["name"], 0.6, reason)
    for match in _WHOLE_RARER.finditer(view.text):
        after = view.text[match.end("name") :]
        led = _led(view.text[: match.start()])
        if (
            _plausible(match["name"])
            and led
            and (_SURE_FOLLOWS.match(after) or not HAN_START.match(after))
        ):
            yield from _person(view, match.start(), match["name"], 0.6, "rarer surname, led")
    for match in _MANAGER.finditer(view.text):
        yield from _person(view, match.start(), "曾", 0.6, "surname before a title")


def _standing(view: View) -> Iterator[Found]:
    """A whole name between words that names stand between, or said by itself."""
    end = 0
    for match in _WHOLE.finditer(view.text):
        if match.start() < end or not _may_begin(view.text, match.start()):
            continue
        for name in (match["name"], match["name"][:-1]):
            after = view.text[match.start() + len(name) :]
            if _stands(view.text[: match.start()], name, after):
                end = match.start() + len(name)
                yield from _person(view, match.start(), name, 0.6, "surname and given name")
                break


def _led(before: str) -> bool:
    """Whether a name may stand here: at the beginning, or after a word that leads to one."""
    return not HAN_END.search(before) or before.endswith((*_LEADS, "的", "位", "个"))


def _may_begin(text: str, at: int) -> bool:
    return text[max(0, at - 1) : at + 1] not in _NOT_NAMES


def _stands(before: str, name: str, after: str) -> bool:
    given = len(name) - (2 if re.match(COMPOUND, name) else 1)
    if given < 1 or not _plausible(name):
        return False
    sure = _SURE_FOLLOWS.match(after) is not None
    led = not HAN_END.search(before) or before.endswith(_LEADS)
    if given == 1:
        return (sure and led) or (before.endswith(_SURE_LEADS) and not HAN_START.match(after))
    # The last character and the next one may be a word of their own: 朱平 + 时间.
    if name[-1] + after[:1] in _NOT_NAMES:
        return False
    return sure or led or after.startswith(_FOLLOWS)


def _titled(view: View) -> Iterator[Found]:
    end = 0
    for match in _TITLED.finditer(view.text):
        name = match["name"]
        beside = name[-1] + view.text[match.end("name") : match.end("name") + 1]
        if (
            match.start() < end
            or beside in _NOT_NAMES
            or not _may_begin(view.text, match.start())
            or not _plausible(name)
            or (name[0] in _RARER and not _led(view.text[: match.start()]))
        ):
            continue
        end = match.start() + len(name)
        yield from _person(view, match.start(), name, 0.8, "surname before a title")


def _answers(view: View) -> Iterator[Found]:
    question, mark, answer = view.text.rpartition(QUESTION_END)
    if not mark or not _QUESTION.search(question.rpartition(QUESTION_END)[2]):
        return
    match = re.match(
        r"[嗯啊哦呃,， ]*(?:我|您|就)?(?:是|叫|姓|写)?"
        rf"(?P<name>(?:{COMPOUND}|[{SURNAMES}{_RARER}]){_NAME_CHARS}{{0,2}})",
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
