/** Signing in. Loaded with its page. */
import { learn } from "./dictionary";

export const signinWords = {
  "signin.name": ["账号", "User name"],
  "signin.show": ["显示密码", "Show the password"],
  "signin.audited": ["登录、查看敏感数据、修改都会留痕。多次失败会暂停登录。", "Sign-ins, views of sensitive data and changes are recorded. Repeated failures pause signing in."],
  "signin.title": ["登录{company}", "Sign in to {company}"],
  "signin.plain": ["登录合力", "Sign in to Heli"],
  "signin.motto": ["每个人看到工作所需的，不多，也不少。", "Everyone sees what the job needs: no more, no less."],
  "signin.password": ["密码", "Password"],
  "signin.enter": ["登录", "Sign in"],
  "signin.demo": ["演示模式", "Demo mode"],
  "signin.demoData": ["演示数据", "demo data"],
  "signin.others": ["换一个人进来看看", "Come in as somebody else"],
  "signin.shared": ["共用密码", "Shared password"],
  "signin.same": ["同一家公司，同一份数据，每个人看到的不一样。点一下直接进入。", "One company, one set of data, and everyone sees a different part of it. One click signs in."],
} as const satisfies Record<string, readonly [string, string]>;

learn(signinWords);
