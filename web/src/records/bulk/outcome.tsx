/** What came of an act on many: how many were done, and of each that was refused its reason and its why. */
import { Button, Modal } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { asProblem } from "../../api/client";
import { whyQuery } from "../../api/queries";
import type { Row, TypeMeta } from "../../api/types";
import { Answer } from "../../access/chain";
import { useI18n } from "../../i18n";
import { grouped as digits } from "../../kit/format";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { grouped, refusedOf, type BulkAnswer } from "./bulk";
import "../../i18n/words-bulk";
import "../../access/access.css";

const MOST_SHOWN = 200;

function Why({ type, id, act }: { type: string; id: string; act: string }) {
  const why = useQuery(whyQuery({ action: act, type, id }));
  return <div className="note">{why.isPending ? <Bones rows={3} height={22} /> : why.isError ? <Refused problem={asProblem(why.error)} /> : <Answer why={why.data} />}</div>;
}

export function OutcomeDialog({ type, rows, name, act, answer, onClose }: { type: TypeMeta; rows: Row[]; name: string; act: string; answer: BulkAnswer; onClose: () => void }) {
  const { t, w } = useI18n();
  const [asked, setAsked] = useState<string | null>(null);
  const titles = new Map(rows.map((row) => [row.id, String(row[type.title] ?? "")]));
  const groups = grouped(refusedOf(answer), (one) => w(one.problem?.message));
  return (
    <Modal opened onClose={onClose} size={620} title={t("bulk.outcome", { act: name })} closeButtonProps={{ "aria-label": t("kit.close") }}>
      <div className="stack">
        <div className="row bulk-sum">
          <span className="row tight"><span className="bulk-ok"><Icon name="check" /></span>{t("bulk.sumDone", { n: digits(String(answer.done)) })}</span>
          <span className="row tight bad"><Icon name="ban" />{t("bulk.sumRefused", { n: digits(String(answer.refused)) })}</span>
        </div>
        {groups.map((group) => (
          <section key={group.words} className="bulk-group" aria-label={group.words}>
            <h3>{group.words} <span className="dim">{group.items.length}</span></h3>
            {group.items[0]?.problem?.problems?.map((one) => <p key={one.place + one.code} className="soft">{one.place ? `${one.place}${t("kit.colon")}` : ""}{w(one.message)}</p>)}
            <ul>
              {group.items.slice(0, MOST_SHOWN).map((one) => {
                const open = asked === one.id;
                return (
                  <li key={one.id}>
                    <div className="row">
                      {one.status === 404 ? <span className="grow dim cut">{titles.get(one.id) || t("bulk.gone")}</span> : <Link className="link-quiet grow cut" to={`/records/${type.code}/${one.id}`} onClick={onClose}>{titles.get(one.id) || t("field.unnamed")}</Link>}
                      {one.status === 403 ? <button className="link" aria-expanded={open} onClick={() => setAsked(open ? null : one.id)}>{t("bulk.why")}</button> : null}
                    </div>
                    {open ? <Why type={type.code} id={one.id} act={act} /> : null}
                  </li>
                );
              })}
            </ul>
          </section>
        ))}
        <div className="row" style={{ justifyContent: "flex-end" }}><Button variant="filled" data-autofocus onClick={onClose}>{t("kit.close")}</Button></div>
      </div>
    </Modal>
  );
}
