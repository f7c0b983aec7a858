/** What a tester says about the sandbox they are in: that they can work like this, or what they miss and where. */
import "../../i18n/words-modes";
import { useLocation } from "react-router";
import { useQueryClient } from "@tanstack/react-query";
import { useForm } from "../../admin/form";
import { send } from "../../api/client";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { useToasts } from "../../kit/toast";

export default function SandboxSays({ draft, title, kind, onClose }: { draft: string; title: string; kind: "sign" | "report"; onClose: () => void }) {
  const { t } = useI18n();
  const { say } = useToasts();
  const client = useQueryClient();
  const { pathname, search } = useLocation();
  const { input, text, places } = useForm({ text: "" });
  const act = async () => {
    const said = text("text");
    await send("POST", `/access/drafts/${draft}/sandbox/${kind}`, kind === "sign" ? { text: said } : { text: said, place: (pathname + search).slice(0, 300) });
    await client.invalidateQueries({ queryKey: ["sandboxes"] });
    say(t(kind === "sign" ? "sandbox.signedNow" : "sandbox.reportedNow"));
  };
  return (
    <ActDialog title={`${t(kind === "sign" ? "sandbox.sign" : "sandbox.report")} · ${title}`} act={t(kind === "sign" ? "sandbox.sign" : "sandbox.send")} disabled={kind === "report" && !text("text")} places={places} onClose={onClose} onAct={act}>
      <p className="soft">{kind === "sign" ? t("sandbox.signText") : t("sandbox.reportText", { place: pathname })}</p>
      {input("text", kind === "sign" ? "sandbox.note" : "sandbox.misses", "long_text", { required: kind === "report", focus: true })}
    </ActDialog>
  );
}
