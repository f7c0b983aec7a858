/** Starting to look as somebody else: whom, and why. */
import "../../i18n/words-modes";
import { Button } from "@mantine/core";
import { useState, type FormEvent } from "react";
import { asProblem, send, type Problem } from "../../api/client";
import { useForm } from "../../admin/form";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Refused } from "../../kit/refused";
import "./modes.css";

async function begin(person: unknown, reason: string): Promise<void> {
  await send("POST", "/access/view-as", { person, reason });
  location.assign("/");
}

/** From a person's page. */
export function ViewAsDialog({ person, onClose }: { person: { id: string; name: string }; onClose: () => void }) {
  const { t } = useI18n();
  const { input, text, places } = useForm({ reason: "" });
  return (
    <ActDialog title={t("modes.startTitle", { name: person.name })} act={t("modes.begin")} disabled={!text("reason")} places={places} onClose={onClose} onAct={() => begin(person.id, text("reason"))}>
      <p className="soft">{t("modes.text")}</p>
      {input("reason", "modes.reason", "text", { required: true, help: "modes.reasonHelp", focus: true })}
    </ActDialog>
  );
}

/** From the permission centre. */
export default function ViewAs() {
  const { t } = useI18n();
  const { values, input, body, text, places } = useForm({ person: null, reason: "" });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    begin(body({ person: "person" }).person ?? "", text("reason")).catch((cause: unknown) => { setProblem(asProblem(cause)); setBusy(false); });
  };
  return (
    <form className="view-as" onSubmit={submit} noValidate>
      <p className="soft">{t("modes.text")}</p>
      {input("person", "modes.person", "person", { required: true })}
      {input("reason", "modes.reason", "text", { required: true, help: "modes.reasonHelp" })}
      {problem ? <Refused problem={problem} places={places} /> : null}
      <div><Button type="submit" variant="filled" loading={busy} disabled={!values.person || !text("reason")}>{t("modes.begin")}</Button></div>
    </form>
  );
}
