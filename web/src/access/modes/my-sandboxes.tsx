/** The drafts that I am asked to try, each with the way into its sandbox. */
import "../../i18n/words-modes";
import { Button } from "@mantine/core";
import { useState } from "react";
import { useI18n } from "../../i18n";
import { moment } from "../../kit/format";
import { useToasts } from "../../kit/toast";
import { enterSandbox, type MySandbox } from "./sandbox";
import { VerdictChip } from "./verdict";
import "./modes.css";

export function MySandboxes({ items }: { items: MySandbox[] }) {
  const { t, lang } = useI18n();
  const { refuse } = useToasts();
  const [busy, setBusy] = useState("");
  const enter = (draft: string) => { setBusy(draft); enterSandbox(draft).catch((cause: unknown) => { setBusy(""); refuse(cause); }); };
  return (
    <ul className="my-sandboxes">{items.map((one) => (
      <li key={one.draft}>
        <span className="grow"><b className="cut">{t("sandbox.try", { title: one.title })}</b><span className="cut soft">{one.by ? t("sandbox.by", { name: one.by.name, at: moment(one.asked_at, lang) }) : ""}{one.note ? ` · ${one.note}` : ""}</span></span>
        <VerdictChip said={one} />
        <Button loading={busy === one.draft} onClick={() => enter(one.draft)}>{t("sandbox.enter")}</Button>
      </li>
    ))}</ul>
  );
}
