/** Changes that wait for a second person: what each does, who asked, and who may confirm it. */
import { Button } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, freshKey, get, Problem, send } from "../api/client";
import { useI18n } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { fullMoment } from "../kit/format";
import { Icon } from "../kit/icons";
import { Bones } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useDone, useForm } from "./form";
import { SecretDialog, useSecret, type Secret } from "./secret";
import type { Paged, PendingChange } from "./types";
import "../i18n/words-org";
import "./admin.css";

type Step = "confirm" | "refuse" | "withdraw";
type Show = (secret: Omit<Secret, "about">) => void;
const STEPS = [["confirm", "org.confirm"], ["refuse", "org.refuse"], ["withdraw", "org.takeBack"]] as const;

function StepDialog({ item, step, onClose, onSecret }: { item: PendingChange; step: Step; onClose: () => void; onSecret: Show }) {
  const { t, w } = useI18n();
  const done = useDone();
  const form = useForm({ reason: "" });
  const [now, setNow] = useState(item);
  const client = useQueryClient();
  const act = async () => {
    const body = step === "refuse" ? form.body({ reason: "text" }) : {};
    const made = await send<PendingChange>("POST", `/organisation/requests/${item.id}/${step}`, body, { key: freshKey() });
    // Reading again takes the change away, and with it whatever stands beside it: the half is put away first.
    if (made.second_half) onSecret({ title: t("org.secondHalf"), text: made.second_half, note: t("org.secondHalfNote") });
    else if (made.grown) { // nothing was done: what it brings by now is shown, and confirmed by another press
      setNow(made);
      await Promise.all(["requests", "person", "workbench"].map((name) => client.invalidateQueries({ queryKey: [name] })));
      throw new Problem({ status: 409, code: "grown", message: made.grown });
    } else await done();
  };
  const name = t(STEPS.find(([code]) => code === step)?.[1] ?? "org.confirm");
  return (
    <ActDialog title={name} act={name} danger={step === "refuse"} disabled={step === "refuse" && !form.text("reason")} places={form.places} onClose={onClose} onAct={act}>
      <p><b>{w(now.words)}</b></p>
      {now.details.length ? <p><Details item={now} /></p> : null}
      {step === "refuse" ? form.input("reason", "org.refuseWhy", "text", { required: true, focus: true }) : <p className="soft">{t(step === "confirm" ? "org.confirmAsk" : "org.takeBackAsk")}</p>}
    </ActDialog>
  );
}

/** What exactly was asked for: whom, where, from when. */
function Details({ item }: { item: PendingChange }) {
  const { w } = useI18n();
  return <>{item.details.map((one) => <span key={one.name.en} className="waiting-detail"><span className="soft">{w(one.name)}</span> {w(one.value)}</span>)}</>;
}

/** The list; nothing where nothing waits. */
export function Waiting({ items, onSecret }: { items: PendingChange[]; onSecret: Show }) {
  const { t, w } = useI18n();
  const [open, setOpen] = useState<{ item: PendingChange; step: Step } | null>(null);
  if (!items.length) return null;
  return (
    <section className="sheet part org-waiting" aria-label={t("org.waiting")}>
      <h2 className="row"><span className="warn"><Icon name="shield" /></span>{t("org.waiting")}</h2>
      <ul>{items.map((item) => (
        <li key={item.id} className="row wrap part-row">
          <span className="grow">
            <b>{w(item.words)}</b>
            {item.details.length ? <span className="waiting-who"><Details item={item} /></span> : null}
            <span className="soft waiting-who">{t("org.askedBy", { name: item.author?.name ?? "", until: fullMoment(item.ends) })} · {w(item.who)}</span>
          </span>
          <span className="row">{STEPS.filter(([step]) => item.may.includes(step)).map(([step, name]) => (
            <Button key={step} variant={step === "confirm" ? "filled" : undefined} onClick={() => setOpen({ item, step })}>{t(name)}</Button>
          ))}</span>
        </li>
      ))}</ul>
      {open ? <StepDialog item={open.item} step={open.step} onClose={() => setOpen(null)} onSecret={onSecret} /> : null}
    </section>
  );
}

/** All that wait, for who may know of them; for others nothing. */
export function AllWaiting() {
  const [secret, setSecret] = useSecret("requests");
  const done = useDone();
  const found = useQuery({ queryKey: ["requests"], queryFn: ({ signal }) => get<Paged<PendingChange>>("/organisation/requests?state=open", signal), retry: false });
  return (
    <>
      {found.data ? <Waiting items={found.data.items} onSecret={setSecret} /> : null}
      {secret ? <SecretDialog secret={secret} onClose={() => { setSecret(null); void done(); }} /> : null}
    </>
  );
}

/** One of them, in the workbench. */
export function OneWaiting({ id }: { id: string }) {
  const [secret, setSecret] = useSecret(id);
  const done = useDone();
  const found = useQuery({ queryKey: ["requests", id], queryFn: ({ signal }) => get<PendingChange>(`/organisation/requests/${id}`, signal) });
  if (found.isPending) return <Bones rows={3} height={32} />;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  return (
    <>
      <Waiting items={[found.data]} onSecret={setSecret} />
      {secret ? <SecretDialog secret={secret} onClose={() => { setSecret(null); void done(); }} /> : null}
    </>
  );
}
