/** The company's rule of the second person: what it is, what it could be, and how it changes, which takes a draft like any other. */
import { Button } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { asProblem, get, send, type Problem } from "../../api/client";
import type { components } from "../../api/schema";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Bones, Who } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useToasts } from "../../kit/toast";
import { saidOf } from "./undo";
import { meanwhile, useWorking } from "./working";
import "../../i18n/words-forms";
import "../move/move.css";

type Rule = components["schemas"]["ApprovalRule"];
type Value = Rule["value"];
const ruleQuery = queryOptions({ queryKey: ["access", "approval"], queryFn: ({ signal }) => get<Rule>("/access/approval", signal) });
const THING: [string, string] = ["setting", "approval"];

export function Approval() {
  const { t } = useI18n();
  const found = useQuery(ruleQuery);
  if (found.isError) return <div className="list-bones"><Refused problem={asProblem(found.error)} /></div>;
  if (!found.data) return <div className="list-bones"><Bones rows={6} height={56} /></div>;
  return (
    <div className="configure-list" tabIndex={0} role="region" aria-label={t("rule.title")}>
      <Choose rule={found.data} />
      <Whatever rule={found.data} />
      <History rule={found.data} />
    </div>
  );
}

function Choose({ rule }: { rule: Rule }) {
  const { t, w } = useI18n();
  const go = useNavigate();
  const { say } = useToasts();
  const { may, draft, mark, write } = useWorking();
  const drafted = draft?.changes.find((one) => one.kind === THING[0] && one.key === THING[1]);
  const wanted = drafted ? ((drafted.after?.value as Value | undefined) ?? "always") : rule.value;
  const [chosen, setChosen] = useState<{ value: Value; since: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const value = chosen?.value ?? wanted;
  const option = rule.options.find((one) => one.value === value);
  const act = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const id = await write(t("rule.draftTitle"), [THING], (now) => {
        if (saidOf(now.changes, ...THING) !== (chosen?.since ?? "")) throw meanwhile();
        return send("PUT", `/access/drafts/${now.id}/changes/${THING[0]}/${THING[1]}`, { after: { value } }, { etag: `"r${now.revision}"` });
      });
      say(t("rule.done", { id }));
      void go(`/access/drafts/${id}`);
    } catch (cause) { setProblem(asProblem(cause)); setChosen(null); } finally { setBusy(false); }
  };
  return (
    <section className="sheet part-lines">
      <h2>{t("rule.title")}</h2>
      <p className="soft">{t("rule.hint")}</p>
      <fieldset className="rule-choices" disabled={!may || busy}>
        <legend className="unseen">{t("rule.title")}</legend>
        {rule.options.map((one) => (
          <label key={one.value} className="rule-choice">
            <input type="radio" name="approval" checked={value === one.value} onChange={() => setChosen({ value: one.value, since: mark(...THING) })} />
            <b className="row wrap">{w(one.name)}{one.value === rule.value ? <span className="chip brand">{t("rule.now")}</span> : null}{drafted && draft && wanted === one.value ? <span className="chip amber">{t("rule.inDraft", { id: draft.id })}</span> : null}</b>
            <span className="soft">{w(one.explained)}</span>
            {one.value === rule.value ? null : <span className={one.loosens ? "warn row" : "soft row"}><Icon name={one.loosens ? "users" : "shield"} small />{t(one.loosens ? "rule.looser" : "rule.stricter")}</span>}
          </label>
        ))}
      </fieldset>
      {problem ? <Refused problem={problem} /> : null}
      {may ? <p className="row"><Button variant="filled" size="xs" className="end" loading={busy} disabled={!option || value === wanted} onClick={() => void act()}>{t("rule.toDraft")}</Button></p> : null}
    </section>
  );
}

function Whatever({ rule }: { rule: Rule }) {
  const { t, w } = useI18n();
  return <section className="sheet part-lines"><h3>{t("rule.whatever")}</h3><ul className="rule-whatever">{rule.whatever.map((one) => <li key={one.en}>{w(one)}</li>)}</ul></section>;
}

function History({ rule }: { rule: Rule }) {
  const { t, w } = useI18n();
  return (
    <section className="sheet part-lines"><h3>{t("rule.history")}</h3>
      {rule.history.length ? <ul className="rule-lines">{rule.history.map((one, at) => (
        <li key={at} className="rule-line"><div className="grow"><p>{t("rule.changed", { before: w(one.before), after: w(one.after) })}</p>
          <p className="row wrap soft">{one.by ? <><Who person={one.by} />{t("rule.by")}</> : null}{one.approved_by ? <><Who person={one.approved_by} />{t("rule.approved")}</> : null}<time className="dim end" dateTime={one.at}>{new Date(one.at).toLocaleString(undefined, { hour12: false })}</time></p></div></li>
      ))}</ul> : <p className="dim">{t("rule.never")}</p>}
    </section>
  );
}
