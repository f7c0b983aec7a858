/** What can be done about a refusal, below its reasons in every popover and on every page that is refused. */
import { Button } from "@mantine/core";
import { Link } from "react-router";
import type { WhyWish } from "../api/queries";
import type { Why } from "../api/types";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { useSession } from "../kit/session";
import { AskForAccess } from "./lend/ask-for-access";

export interface Refusal {
  asked: WhyWish;
  /** The answer; absent while it loads. */
  why?: Why;
  /** Whether asking for access is offered here: a page may offer it elsewhere. */
  asks?: boolean;
  onClose: () => void;
}

export function RefusalActions({ asked, why, asks = true, onClose }: Refusal) {
  const { t } = useI18n();
  const { me } = useSession();
  // Where one role would do, it is asked for; which of several fits is for who asks to say.
  const role = why?.missing.length === 1 ? /^role:(\w+)$/.exec(why.missing[0]?.[0]?.code ?? "")?.[1] : undefined;
  const { instead } = why ?? {};
  if (!asked.id) return asks && !instead && me.pages.includes("access") ? <Button component={Link} to={`/access/loans?ask=role${role ? `&role=${role}` : ""}`} size="xs" leftSection={<Icon name="key" small />} onClick={onClose}>{t("whyPage.askRole")}</Button> : null;
  const to = new URLSearchParams({ action: asked.action, type: asked.type, id: asked.id, ...(asked.field ? { field: asked.field } : {}) });
  return (
    <>
      {instead?.href ? <Button component={Link} to={instead.href} size="xs" leftSection={<Icon name="out" />} onClick={onClose}>{t("why.insteadOpen")}</Button> : null}
      {asks && !instead ? <AskForAccess type={asked.type} id={asked.id} field={asked.field} action={asked.action} /> : null}
      <Button component={Link} to={`/access/why?${to}`} size="xs" leftSection={<Icon name="shield" small />} onClick={onClose}>{t("whyPage.open")}</Button>
    </>
  );
}
