/** /flows/:id: one instance on a page of its own. After a decision the next of the queue follows. */
import { useNavigate, useParams } from "react-router";
import { Link } from "react-router";
import { get } from "../api/client";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { useToasts } from "../kit/toast";
import { FlowView } from "./flow-view";
import { nextOf } from "./told";
import type { Flow, FlowWork } from "./types";
import "../i18n/words-flows";
import "../i18n/words-entry";
import "./flows.css";

export default function FlowPage() {
  const { t } = useI18n();
  const { id = "" } = useParams();
  const go = useNavigate();
  const { say, refuse } = useToasts();
  const onDone = async (flow: Flow) => {
    const opened = flow.work.find((one) => one.number === flow.mine?.number)?.opened_at;
    try {
      const { items } = await get<{ items: FlowWork[] }>("/flows/work");
      const next = nextOf(items, { id: flow.id, opened });
      if (!next) say(t("flow.queueEmpty"));
      void go(next ? `/flows/${next.id}` : "/", { replace: true });
    } catch (cause) { refuse(cause); }
  };
  return (
    <main className="page flow" aria-label={t("flow.acts")}>
      <nav className="crumbs flow-crumbs" aria-label={t("record.crumbs")}><Link className="link-quiet row tight" to="/"><Icon name="left" small />{t("shell.workbench")}</Link></nav>
      <FlowView id={id} onDone={onDone} />
    </main>
  );
}
