/** /flows/:id: one instance on a page of its own. After a decision the next of the queue follows. */
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router";
import { Link } from "react-router";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { useToasts } from "../kit/toast";
import { FlowView } from "./flow-view";
import { workQuery } from "./queries";
import { nextOf } from "./told";
import type { Flow } from "./types";
import "../i18n/words-flows";
import "./flows.css";

export default function FlowPage() {
  const { t } = useI18n();
  const { id = "" } = useParams();
  const client = useQueryClient();
  const go = useNavigate();
  const { say, refuse } = useToasts();
  const onDone = (flow: Flow) => {
    const opened = flow.work.find((one) => one.number === flow.mine?.number)?.opened_at;
    client.fetchQuery(workQuery).then(({ items }) => {
      const next = nextOf(items, { id: flow.id, opened });
      if (!next) say(t("flow.queueEmpty"));
      void go(next ? `/flows/${next.id}` : "/", { replace: true });
    }, refuse);
  };
  return (
    <main className="page flow" aria-label={t("flow.acts")}>
      <nav className="crumbs flow-crumbs" aria-label={t("record.crumbs")}><Link className="link-quiet row tight" to="/"><Icon name="left" small />{t("shell.workbench")}</Link></nav>
      <FlowView id={id} onDone={onDone} />
    </main>
  );
}
