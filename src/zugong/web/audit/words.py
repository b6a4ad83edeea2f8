"""What the deeds in the journal are called; in English their own words are read, without their dots and dashes."""

from collections.abc import Iterable, Mapping

from zugong.packs.policy import Policy

NOUNS = {
    "account": "账号",
    "person": "看个人档案",
    "refused": "被拒绝的访问",
    "proposal": "两人办理",
    "pack": "制度包",
    "registry": "名册",
    "draft": "制度包草稿",
    "effect": "后续",
    "activity": "活动",
    "case": "事项",
    "request": "诉求",
    "duty": "义务",
    "ledger": "台账",
    "motion": "手工登记",
    "survey": "测评",
    "scorecard": "评价",
    "bulletin": "通报",
    "file": "文件",
    "key": "接口密钥",
    "journal": "日志",
    "backup": "备份",
    "divisions": "导入",
    "import": "导入",
    "keep": "到期删除",
    "demo": "演示",
}

VERBS = {
    "account.make": "新建账号",
    "account.enable": "启用账号",
    "account.disable": "停用账号",
    "account.give-code": "发一次性登录码",
    "account.use-code": "用一次性登录码",
    "account.set-password": "设密码",
    "account.bind-second-factor": "绑定二次验证",
    "account.second-factor-failed": "二次验证没通过",
    "account.use-recovery-code": "用恢复码",
    "account.reset-second-factor": "清除二次验证",
    "account.grant": "授权",
    "account.revoke": "收回授权",
    "account.sign-in": "登录",
    "account.sign-in-failed": "登录失败",
    "account.sign-out": "退出",
    "account.time-out": "超时退出",
    "request.receive": "受理诉求",
    "request.contact": "看联系方式",
    "key.make": "发放接口密钥",
    "key.revoke": "收回接口密钥",
    "person.read": "看个人档案",
    "refused": "访问被拒绝",
    "proposal.ask": "提请",
    "proposal.agreed": "同意",
    "proposal.declined": "不同意",
    "proposal.withdrawn": "撤回",
    "pack.put-in-force": "制度包生效",
    "draft.begin": "起草制度包",
    "draft.write": "修改制度包草稿",
    "draft.throw-away": "丢弃制度包草稿",
    "registry.add": "新增",
    "registry.change": "变更",
    "registry.correct": "更正",
    "registry.close": "撤销",
    "registry.appoint": "任职",
    "registry.release": "免职",
    "registry.join": "接入组织关系",
    "registry.tie": "建立联系",
    "registry.untie": "解除联系",
    "registry.end-deputy": "结束代理",
    "registry.enter": "列入名单",
    "registry.strike": "移出名单",
    "registry.leave": "组织关系转出",
    "effect.unknown": "条件不明，未办理",
    "activity.plan": "安排活动",
    "activity.hold": "登记活动",
    "activity.cancel": "取消活动",
    "activity.minute": "记录",
    "activity.attach": "附上材料",
    "activity.confirm": "确认活动",
    "activity.correct": "更正活动",
    "case.open": "立项",
    "effect.refused": "应办未能办成",
    "case.give": "交办",
    "case.lay": "提交会议",
    "case.move": "换版",
    "case.ask": "提出诉求",
    "case.draw-lot": "抽签",
    "case.merge": "并案",
    "case.merge-into": "并入别件",
    "request.exclude": "核定不计入",
    "routing.train": "学习怎样分办",
    "routing.switch-on": "启用分办建议",
    "routing.switch-off": "停用分办建议",
    "duty.open": "派出",
    "duty.answer": "报送",
    "duty.withdraw": "撤回报送",
    "duty.check": "核对",
    "duty.excuse": "准予免报",
    "scorecard.mark": "录入评价",
    "scorecard.compute": "计算",
    "scorecard.decide": "定等次",
    "scorecard.publish": "公布",
    "scorecard.move": "换版",
    "scorecard.give-up": "放弃本期",
    "bulletin.compose": "编写通报",
    "bulletin.remove": "删去通报草稿",
    "bulletin.submit": "报审通报",
    "bulletin.approve": "批准通报",
    "bulletin.issue": "印发通报",
    "bulletin.send-back": "退回通报",
    "ledger.post": "记账",
    "ledger.reverse": "冲销",
    "ledger.overdraft": "余额不足，没有记账",
    "ledger.second-payment": "重复支付，没有记账",
    "ledger.undecided": "没有经过决定，没有支付",
    "ledger.capped": "超过上限，多出的没有记",
    "ledger.unset": "未设标准，没有支付",
    "motion.ask": "提出手工登记",
    "motion.agree": "同意手工登记",
    "motion.decline": "不同意手工登记",
    "survey.open": "开始测评",
    "survey.hand-out": "发出选票",
    "survey.cast": "投票",
    "survey.close": "结束测评",
    "file.keep": "存文件",
    "keep.erase": "到期删除",
    "account.rebind-after-restore": "恢复数据后重新绑定",
    "bulletin.print": "打印通报",
    "bulletin.redraw": "通报重新取数",
    "case.accept": "签收",
    "case.sign": "会签",
    "case.propose": "提出",
    "case.agree": "复核同意",
    "case.decline": "复核不同意",
    "case.submit": "办完一个环节",
    "case.return": "退回",
    "case.extend": "延期",
    "case.pause": "中止",
    "case.resume": "恢复",
    "case.withdraw": "撤回",
    "case.draw": "列出清单",
    "case.print": "打印清单",
    "case.export": "导出事项",
    "case.reopen": "重办",
    "demo.begin": "开始演示",
    "demo.close-accounts": "停用演示以前的账号",
    "demo.facts": "载入演示事实",
    "divisions.import": "导入行政区划",
    "duty.effect-refused": "应办未能办成",
    "duty.missed": "义务未履行",
    "duty.rest": "请假期间义务暂停",
    "duty.settle": "义务结算",
    "duty.recount": "义务重新计数",
    "import.export": "导出",
    "import.upload": "上传待导入的表",
    "import.throw-away": "放弃导入",
    "import.undo": "撤销导入",
    "import.confirm": "确认导入",
    "scorecard.adjust": "提出调整等次",
    "scorecard.adjusted": "同意调整等次",
    "scorecard.not-adjusted": "不同意调整等次",
    "scorecard.announce": "公示",
    "scorecard.comment": "反馈意见",
    "backup.restore": "恢复备份",
    "journal.verify": "核验日志",
    "journal.export-head": "导出链头",
}


def said(deed: str, english: bool) -> str:
    """Name a deed; one that has no name yet is called by its noun and its own word."""
    noun, _dot, verb = deed.partition(".")
    if english:
        return f"{noun}: {verb.replace('-', ' ')}" if verb else noun
    return VERBS.get(deed) or f"{NOUNS.get(noun, noun)} {verb}".strip()


# Nouns of things that have a row of the registry, and those whose kinds the pack names.
SUBJECTS = {"person": "人员", "organisation": "组织", "place": "地方", "post": "职务", "thing": "物品"}
OF_THE_PACK = {
    "bulletin": "bulletin",
    "run": "scorecard",
    "duty": "duty",
    "ledger": "ledger",
    "survey": "survey",
}


def numbers(on: Iterable[str]) -> set[int]:
    """Return the numbers of the subjects among what entries are about."""
    return {
        int(rest)
        for noun, _space, rest in (one.partition(" ") for one in on)
        if noun in SUBJECTS and rest.isdigit()
    }


def called(on: str, names: Mapping[int, str], policy: Policy | None, language: str) -> str:
    """Say what an entry is about in words: a subject by its name, a pack's thing by its label; what is in words stays."""
    noun, _space, rest = on.partition(" ")
    if noun in SUBJECTS and rest.isdigit():
        return names.get(int(rest)) or on
    kind, _space, which = rest.partition(" ")
    entry = policy.entries.get((OF_THE_PACK.get(noun, ""), kind)) if policy else None
    if entry:
        return f"{entry.said(language)} {which}".strip()
    if language.startswith("en") or noun not in NOUNS or not rest:
        return on
    return f"{NOUNS[noun]} {rest}"


def nouns(english: bool) -> list[tuple[str, str]]:
    """Return the choices of the query: what the deed was about."""
    return [(noun, noun if english else word) for noun, word in NOUNS.items()]
