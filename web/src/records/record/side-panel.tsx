/** Space in a list: the record beside it, with why it may be seen. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { asProblem } from "../../api/client";
import { recordQuery } from "../../api/queries";
import type { TypeMeta } from "../../api/types";
import { confidentialIn, useConfidential } from "../../access/guard/watermark";
import { WhyPanel } from "../../access/why-panel";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { useChange } from "../use-change";
import { Fields } from "./fields";
import "../../i18n/words-entry";
import "./record.css";

export default function SidePanel({ type, id, onClose }: { type: TypeMeta; id: string; onClose: () => void }) {
  const { t, w } = useI18n();
  const record = useQuery(recordQuery(type.code, id));
  useConfidential(confidentialIn(type, record.data));
  const [save, conflict] = useChange(type);
  return (
    <aside className="side-panel" aria-label={t("record.preview")} onKeyDown={(event) => { if (event.key === "Escape" && !event.defaultPrevented) onClose(); }}>
      <header className="page-head">
        <h2 className="cut grow">{record.data ? record.data.title || t("record.untitled", { type: w(type.name) }) : t("kit.loading")}</h2>
        <Link className="ib" to={`/records/${type.code}/${id}`} aria-label={t("record.open")} title={t("record.open")}><Icon name="out" /></Link>
        <button className="ib" aria-label={t("kit.close")} onClick={onClose}><Icon name="x" /></button>
      </header>
      <div className="side-scroll">
        <WhyPanel type={type.code} id={id} />
        {record.isPending ? <div className="side-box"><Bones rows={8} height={32} /></div> : record.isError ? <div className="side-box"><Refused problem={asProblem(record.error)} /></div> : <Fields type={type} record={record.data} save={save} />}
      </div>
      {conflict}
    </aside>
  );
}
