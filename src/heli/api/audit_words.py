"""What an entry of the audit log says: the act, the thing and the fields, in words instead of codes."""

from __future__ import annotations

from heli.kernel.words import Words
from heli.records.reasons import ACTIONS
from heli.records.said import field_words
from heli.records.types import TYPES
from heli.records.verbs import verb_of

THINGS = {
    "person": Words("人员", "Person"),
    "department": Words("部门", "Department"),
    "position": Words("岗位", "Position"),
    "assignment": Words("任职", "Assignment"),
    "reporting": Words("汇报关系", "Reporting line"),
    "project_member": Words("项目成员", "Project member"),
    "deputy": Words("代理", "Deputy"),
    "company": Words("公司", "Company"),
    "role": Words("角色", "Role"),
    "grant": Words("授权", "Grant"),
    "ceiling": Words("上限", "Ceiling"),
    "token": Words("令牌", "Token"),
    "review": Words("权限复核", "Review of rights"),
    "handover": Words("交接", "Hand-over"),
    "loan": Words("临时授权", "Loan"),
    "request": Words("权限申请", "Access request"),
    "emergency": Words("紧急状态", "Emergency"),
    "draft": Words("策略草稿", "Policy draft"),
    "policy": Words("权限策略", "Policy"),
    "sandbox": Words("沙盒", "Sandbox"),
    "promise": Words("策略测试", "Policy test"),
    "duty": Words("职责分离", "Separation of duties"),
    "export": Words("导出", "Export"),
    "canary": Words("诱饵记录", "Planted record"),
    "guard": Words("防护", "Guard"),
    "setting": Words("策略设置", "Policy setting"),
}
ACTS = {
    "signin.ok": Words("登录", "Sign in"),
    "signin.failed": Words("登录失败", "Failed sign-in"),
    "signout": Words("退出登录", "Sign out"),
    "session.end": Words("结束其他登录", "End a session"),
    "why.beside": Words("和同事对比权限", "Compare rights with a colleague"),
    "sandbox.testers": Words("指定试用人", "Name testers"),
    "sandbox.signed": Words("试用后签字", "Sign off after trying"),
    "sandbox.misses": Words("试用后报告缺失", "Report what is missed"),
    "sandbox.enter": Words("进入沙盒", "Enter the sandbox"),
    "sandbox.leave": Words("离开沙盒", "Leave the sandbox"),
    "reveal": Words("显示敏感值", "Reveal a sensitive value"),
    "person.set_password": Words("修改密码", "Set a password"),
    "person.put_on_leave": Words("休假", "Put on leave"),
    "person.back_from_leave": Words("休假返回", "Back from leave"),
    "person.leave": Words("离职", "Leave the company"),
    "person.rehire": Words("重新入职", "Rehire"),
    "department.set_head": Words("设置负责人", "Set the head"),
    "department.set_overseer": Words("设置分管领导", "Set the overseeing leader"),
    "token.revoke": Words("撤销", "Revoke"),
    "review.start": Words("发起复核", "Start a review"),
    "review.kept": Words("复核保留", "Keep after review"),
    "review.narrowed": Words("复核缩小", "Narrow after review"),
    "review.revoked": Words("复核收回", "Revoke after review"),
    "draft.take_over": Words("接手草稿", "Take over a draft"),
    "sandbox.take_over": Words("换人试用草稿", "Another person tries a draft"),
    "review.drafted": Words("复核放进草稿", "Put into a draft after review"),
    "review.lapsed": Words("到期未复核，自动收回", "Lapse without an answer"),
    "review.gone": Words("复核时已失效", "Gone when reviewed"),
    "review.roll": Words("复核顺延", "Roll over a review"),
    "review.delegate": Words("转交复核", "Pass a review on"),
    "review.undo": Words("撤销复核决定", "Undo a review's decision"),
    "review.submit": Words("提交复核", "Submit a review"),
    "review.export": Words("导出复核证据", "Export the evidence of a review"),
    "handover.begin": Words("开始交接", "Begin a hand-over"),
    "handover.end": Words("完成交接", "End a hand-over"),
    "person.holdings": Words("查看名下一切", "Look at all that somebody holds"),
    "loan.start": Words("借出", "Lend"),
    "loan.warn": Words("到期提醒", "Warn of the end"),
    "loan.lapse": Words("借出人离职，提前到期", "End earlier: the lender left"),
    "loan.keeper": Words("另问一人是否继续", "Ask another whether it goes on"),
    "loan.drop": Words("不再继续", "Let it end"),
    "loan.review": Words("复核紧急使用", "Review an emergency's use"),
    "request.create": Words("申请权限", "Ask for access"),
    "request.approve": Words("批准", "Approve"),
    "request.refuse": Words("拒绝", "Refuse"),
    "request.withdraw": Words("撤回", "Withdraw"),
    "request.consent": Words("同意提议", "Consent"),
    "request.move": Words("转给下一位", "Pass on"),
    "request.gone": Words("失效", "Ended with its record or person"),
    "request.lapsed": Words("过期", "Lapsed"),
    "emergency.declare": Words("宣布", "Declare"),
    "grant.end_at": Words("修改结束时间", "Change when it ends"),
    "draft.describe": Words("修改标题或说明", "Change title or note"),
    "draft.rebase": Words("更新到最新", "Bring up to date"),
    "draft.submitted": Words("提交批准", "Submit for approval"),
    "draft.approved": Words("批准", "Approve"),
    "draft.returned": Words("退回", "Return"),
    "draft.withdrawn": Words("撤回", "Withdraw"),
    "draft.published": Words("发布", "Publish"),
    "export.ask": Words("申请导出", "Ask for an export"),
    "export.approve": Words("同意导出", "Approve an export"),
    "export.refuse": Words("拒绝导出", "Refuse an export"),
    "export.ready": Words("生成导出文件", "Make an exported file"),
    "export.fail": Words("导出未完成", "Fail to export"),
    "export.download": Words("下载导出文件", "Download an exported file"),
    "export.expire": Words("导出过期", "Expire an export"),
    "person.freeze": Words("冻结敏感数据", "Freeze sensitive data"),
    "person.release": Words("解除冻结", "Release sensitive data"),
    "person.give_notice": Words("登记离职日期", "Write down the last day"),
    "alert.budget": Words("告警：超出额度", "Alert: over the budget"),
    "alert.frozen": Words("告警：已冻结", "Alert: frozen"),
    "alert.canary": Words("告警：读取诱饵记录", "Alert: planted records read"),
    "alert.close": Words("处理告警", "Deal with an alert"),
    "guard.settings": Words("修改防护设置", "Change settings of the guard"),
    "canary.plant": Words("埋设诱饵", "Plant"),
    "canary.remove": Words("移除诱饵", "Take a planted record away"),
    "policy.publish": Words("生效新版本", "Put a new version in force"),
    "policy.simulate": Words("模拟改动", "Simulate a change"),
}
DID = {
    "create": Words("新建", "Create"),
    "add": Words("新增", "Add"),
    "save": Words("保存", "Save"),
    "change": Words("修改", "Change"),
    "edit": Words("修改", "Change"),
    "rename": Words("改名", "Rename"),
    "move": Words("移动", "Move"),
    "close": Words("关闭", "Close"),
    "reopen": Words("重新启用", "Reopen"),
    "end": Words("结束", "End"),
    "cancel": Words("取消", "Cancel"),
    "revoke": Words("收回", "Revoke"),
    "delete": Words("删除", "Delete"),
    "remove": Words("移除", "Remove"),
    "remark": Words("评论", "Comment"),
    "restore": Words("恢复", "Restore"),
    "purge": Words("彻底清除", "Remove for good"),
    "comment": Words("评论", "Comment"),
    "comment_edit": Words("修改评论", "Change a comment"),
    "comment_delete": Words("删除评论", "Delete a comment"),
    "attach": Words("上传附件", "Attach a file"),
    "detach": Words("删除附件", "Remove a file"),
}


def act_words(action: str) -> Words:
    """``opportunity.transfer`` -> 移交; what has no words is said by its code."""
    kind, _, verb = action.rpartition(".")
    if action in ACTS:
        return ACTS[action]
    own = verb_of(kind, verb) if kind in TYPES else None
    found = own.words if own is not None else ACTIONS.get(verb) or DID.get(verb) or Words(action, action)
    return Words(found.zh, found.en[:1].upper() + found.en[1:])


def thing_words(kind: str) -> Words:
    """An object type, or what of the organisation and the rules it is."""
    found = TYPES.get(kind)
    return found.words if found is not None else THINGS.get(kind, Words(kind, kind))


__all__ = ["act_words", "field_words", "thing_words"]
