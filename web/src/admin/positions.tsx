/** Positions and who holds them. Administrators create, rename, close and reopen them. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { asProblem, freshKey, get, send } from "../api/client";
import { useI18n } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { Blank, Bones, Dept, Face } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useSession } from "../kit/session";
import { useToasts } from "../kit/toast";
import { filled, Span, useDone, useForm } from "./form";
import { AskDialog, positionsQuery } from "./person-dialogs";
import type { Position, PositionView } from "./types";
import { useAddress } from "./words";
import "../i18n/words-org";

export function PositionsPage() {
  const { t, lang } = useI18n();
  const { me } = useSession();
  const [address, set] = useAddress();
  const [adding, setAdding] = useState(false);
  const admin = me.administers?.includes("organisation") === true;
  const [closed, chosen] = [admin && address("closed") === "1", address("position")];
  const positions = useQuery(positionsQuery(closed));
  const rows = positions.data?.items ?? [];
  return (
    <div className="org">
      <nav className="org-tree" aria-label={t("org.positions")}>
        {admin ? (
          <div className="row wrap org-add">
            <Button size="xs" variant="filled" onClick={() => setAdding(true)}>{t("org.addPosition")}</Button>
            <button className="tool end" aria-pressed={closed} onClick={() => set("closed", closed ? null : "1")}>{t("org.showClosed")}</button>
          </div>
        ) : null}
        {positions.isPending ? <Bones rows={10} height={32} /> : positions.isError ? <Refused problem={asProblem(positions.error)} /> : rows.map((one) => (
          <button key={one.id} className="org-node" aria-current={one.id === chosen || undefined} onClick={() => set("position", one.id)}>
            <span className="grow cut">{lang === "en" ? one.name_en || one.name : one.name}</span>{one.closed_at ? <span className="chip">{t("org.closed")}</span> : <span className="dim">{one.people}</span>}
          </button>
        ))}
      </nav>
      <section className="org-people" aria-label={t("org.holders")}>
        {chosen ? <Holders key={chosen} id={chosen} admin={admin} /> : <Blank icon="users" title={t("org.pickPosition")} />}
      </section>
      {adding ? <PositionDialog onClose={() => setAdding(false)} onMade={(id) => set("position", id)} /> : null}
    </div>
  );
}

function Holders({ id, admin }: { id: string; admin: boolean }) {
  const { t, lang } = useI18n();
  const { me } = useSession();
  const [dialog, setDialog] = useState<"edit" | "close" | null>(null);
  const done = useDone();
  const position = useQuery({ queryKey: ["position", id], queryFn: ({ signal }) => get<PositionView>(`/organisation/positions/${id}`, signal) });
  const { refuse } = useToasts();
  const reopen = () => { send("POST", `/organisation/positions/${id}/reopen`, {}).then(done, refuse); };
  if (position.isPending) return <div className="list-bones"><Bones rows={6} height={44} /></div>;
  if (position.isError) return asProblem(position.error).status === 404 ? <Blank icon="users" title={t("org.pickPosition")} /> : <div className="list-bones"><Refused problem={asProblem(position.error)} /></div>;
  const found = position.data;
  return (
    <>
      <div className="list-tools org-tools">
        <h2>{lang === "en" && found.name_en ? found.name_en : found.name}</h2>
        <span className="dim cut">{[lang === "en" ? found.name : found.name_en, found.code].filter(Boolean).join(" · ")}</span>
        {found.closed_at ? <span className="chip">{t("org.closed")}</span> : null}
        {admin ? (
          <span className="end row wrap">
            {found.closed_at ? <Button size="xs" onClick={reopen}>{t("org.reopenPosition")}</Button> : <Button size="xs" color="bad" variant="subtle" onClick={() => setDialog("close")}>{t("org.closePosition")}</Button>}
            <Button size="xs" onClick={() => setDialog("edit")}>{t("org.editPosition")}</Button>
          </span>
        ) : null}
      </div>
      <div className="org-list">
        {found.holders.length ? (
          <ul>{found.holders.map((one) => (
            <li key={`${one.person.id} ${one.department.id}`}>
              <Link className="person-row" to={`/organisation/people/${one.person.id}`}>
                <Face name={one.person.name} me={one.person.id === me.person.id} size={24} /><b className="cut">{one.person.name}</b><span className="cut"><Dept name={one.department.name} en={one.department.name_en} /></span><span className="cut"><Span from={one.from} until={one.until} /></span>
                {one.primary ? <span className="chip brand">{t("organisation.primary")}</span> : <span />}
              </Link>
            </li>
          ))}</ul>
        ) : <Blank icon="users" title={t("org.noHolders")} />}
      </div>
      {dialog === "edit" ? <PositionDialog position={found} onClose={() => setDialog(null)} /> : null}
      {dialog === "close" ? (
        <AskDialog title={`${t("org.closePosition")} · ${found.name}`} text={t("org.closePositionAsk", { name: found.name })} act={t("org.closePosition")} danger onClose={() => setDialog(null)}
          onAct={() => send("POST", `/organisation/positions/${id}/close`, {})} />
      ) : null}
    </>
  );
}

function PositionDialog({ position, onClose, onMade }: { position?: Position; onClose: () => void; onMade?: (id: string) => void }) {
  const { t } = useI18n();
  const done = useDone();
  const form = useForm({ name: position?.name ?? "", name_en: position?.name_en ?? "", code: position?.code ?? "" });
  const act = async () => {
    const body = form.body({ name: "text", name_en: "text", code: "text" });
    if (position) await send("PATCH", `/organisation/positions/${position.id}`, body);
    else onMade?.((await send<Position>("POST", "/organisation/positions", filled(body), { key: freshKey() })).id);
    await done();
  };
  return (
    <ActDialog title={t(position ? "org.editPosition" : "org.addPosition")} act={t("kit.save")} disabled={!form.text("name")} places={form.places} onClose={onClose} onAct={act}>
      {form.input("name", "org.name", "text", { required: true, focus: true })}
      <div className="form-two">{form.input("name_en", "org.nameEn", "text")}{form.input("code", "org.code", "text")}</div>
    </ActDialog>
  );
}
