/** What can be done about a refusal, below its reasons in every popover and on every page that is refused. */
import { Button } from "@mantine/core";
import { Link } from "react-router";
import type { WhyWish } from "../api/queries";
import type { Why } from "../api/types";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";

export interface Refusal {
  asked: WhyWish;
  /** The answer; absent while it loads. */
  why?: Why;
  onClose: () => void;
}

export function RefusalActions({ asked, onClose }: Refusal) {
  const { t } = useI18n();
  if (!asked.id) return null;
  const to = new URLSearchParams({ action: asked.action, type: asked.type, id: asked.id, ...(asked.field ? { field: asked.field } : {}) });
  return <Button component={Link} to={`/access/why?${to}`} size="xs" leftSection={<Icon name="shield" small />} onClick={onClose}>{t("whyPage.open")}</Button>;
}
