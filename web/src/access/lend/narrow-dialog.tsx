/** Less than was asked for: fewer fields, a shorter time, reading only. */
import { useState } from "react";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { ClassOf } from "./ask-dialog";
import { span, type AccessRequest, type Offer, type Terms } from "./data";
import "../../i18n/words-lend";

const SPANS = [1, 8, 24, 72, 168, 336, 720].map((hours) => hours * 3600);

export function NarrowDialog({ one, offer, onClose, onChoose }: { one: AccessRequest; offer: Offer; onClose: () => void; onChoose: (terms: Terms) => void }) {
  const { t, w } = useI18n();
  const asked = one.fields.length ? one.fields : offer.rows.filter((row) => row.lent).map((row) => row.field);
  const [fields, setFields] = useState(() => asked.map((field) => field.code).filter((code) => offer.terms.fields.includes(code)));
  const [seconds, setSeconds] = useState(offer.terms.seconds);
  const [action, setAction] = useState(offer.terms.action);
  const spans = [...new Set([...SPANS.filter((long) => long < (one.seconds ?? 0)), one.seconds ?? seconds])];
  const toggle = (code: string) => setFields((now) => (now.includes(code) ? now.filter((other) => other !== code) : [...now, code]));
  return (
    <ActDialog title={t("lend.narrow")} act={t("lend.useSmaller")} disabled={asked.length > 0 && fields.length === 0} onClose={onClose} onAct={async () => onChoose({ action, fields, seconds })}>
      <div className="lend-form">
        <div className="lend-line" role="group" aria-label={t("lend.fields")}><span className="soft">{t("lend.fields")}</span><div className="picks grow">{asked.map((field) => <button type="button" key={field.code} className="pick" aria-pressed={fields.includes(field.code)} onClick={() => toggle(field.code)}>{fields.includes(field.code) ? <Icon name="check" small /> : null}{w(field.name)}<ClassOf code={field.data_class} /></button>)}</div></div>
        {one.action === "edit" ? <div className="lend-line" role="group" aria-label={t("lend.do")}><span className="soft">{t("lend.do")}</span><div className="picks grow">{(["read", "edit"] as const).map((code) => <button type="button" key={code} className="pick" aria-pressed={action === code} onClick={() => setAction(code)}>{t(`lend.l.${code}`)}</button>)}</div></div> : null}
        <div className="lend-line" role="group" aria-label={t("lend.long")}><span className="soft">{t("lend.long")}</span><div className="segs grow">{spans.map((long) => <button type="button" key={long} className="seg" aria-pressed={seconds === long} onClick={() => setSeconds(long)}>{span(long, t)}</button>)}</div></div>
      </div>
    </ActDialog>
  );
}
