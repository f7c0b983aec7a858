/** /flows: the processes there are; for who looks after them their versions, what runs, and publishing. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { Link, useSearchParams } from "react-router";
import { asProblem } from "../api/client";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { Blank, Bones } from "../kit/parts";
import { Refused } from "../kit/refused";
import { useSession } from "../kit/session";
import { processesQuery } from "./queries";
import type { FlowProcess } from "./types";
import { Versions } from "./versions";
import "../i18n/words-processes";
import "./processes.css";

const WaitsAt = lazy(async () => ({ default: (await import("./bottleneck")).WaitsAt }));
const UploadDialog = lazy(() => import("./upload-dialog"));
const NewDialog = lazy(() => import("./new-dialog"));
const Drafts = lazy(async () => ({ default: (await import("./drafts-list")).Drafts }));

function Row({ one, counted, chosen, onChoose }: { one: FlowProcess; counted: boolean; chosen: boolean; onChoose: () => void }) {
  const { t, w } = useI18n();
  const row = useRef<HTMLTableRowElement>(null);
  // the list is long: whoever comes by an address finds the one that it names in sight
  useEffect(() => { if (chosen) row.current?.scrollIntoView({ block: "nearest" }); }, [chosen]);
  return (
    <tr ref={row} aria-selected={chosen} className={chosen ? "chosen-row" : undefined}>
      <th scope="row"><button className="process-name" aria-pressed={chosen} onClick={onChoose}><Icon name="swap" small /><span>{w(one.name)}</span></button>
        <span className="only-phone process-short dim">{[one.type_name ? w(one.type_name) : "", one.version === null ? t("process.noneVersion") : t("flow.version", { n: one.version }), one.running ? t("process.runs", { n: one.running }) : ""].filter(Boolean).join(" · ")}{one.waiting ? <span className="row tight warn"><Icon name="clock" small />{t("process.waiting", { n: one.waiting })}</span> : one.shipped === "newer" ? <span className="row tight"><Icon name="info" small />{t("process.newerShort")}</span> : null}{one.version === null ? null : <Suspense fallback={null}><WaitsAt code={one.code} counted={one.running !== null} /></Suspense>}</span></th>
      <td>{one.type_name ? w(one.type_name) : <span className="dim">{one.type || "—"}</span>}</td>
      <td className="n">{one.version ?? <span className="dim">{t("process.noneVersion")}</span>}</td>
      {counted ? <td className="n">{one.running ?? <span className="dim">—</span>}</td> : null}
      <td>{one.version === null ? null : <Suspense fallback={null}><WaitsAt code={one.code} counted={one.running !== null} /></Suspense>}</td>
      <td className="process-live"><Link className="link row tight" to={`/flows/live/${one.code}`}><Icon name="eye" small />{t("process.live")}</Link></td>
      <td>{one.waiting ? <span className="row tight warn"><Icon name="clock" small />{t("process.waiting", { n: one.waiting })}</span> : one.shipped === "newer" ? <span className="row tight soft nowrap"><Icon name="info" small />{t("process.newerShort")}</span> : null}</td>
    </tr>
  );
}

export default function ProcessesPage() {
  const { t } = useI18n();
  const { me } = useSession();
  const found = useQuery({ ...processesQuery, staleTime: 0 });
  const [search, setSearch] = useSearchParams();
  const [uploading, setUploading] = useState(false);
  const [begins, setBegins] = useState(false);
  const administers = me.administers?.includes("process") === true;
  const designs = administers || me.designs === true;
  const items = found.data?.items ?? [];
  // Versions are for who reads or draws processes; how many run the server says to the first alone.
  const counted = items.some((one) => one.running !== null), reads = designs || counted;
  const chosen = reads ? (items.find((one) => one.code === search.get("process")) ?? items[0]) : undefined;
  // On a phone the versions stand below all processes: whoever names one is brought to them.
  const versions = useRef<HTMLDivElement>(null), named = chosen && search.get("process") === chosen.code ? chosen.code : null;
  useEffect(() => { if (named && matchMedia("(max-width: 720px)").matches) versions.current?.scrollIntoView({ block: "start" }); }, [named]);
  return (
    <main className="page" aria-label={t("shell.flows")}>
      <header className="page-head"><h1>{t("shell.flows")}</h1><Link className="link row tight end" to="/flows/live/log-"><Icon name="file" small />{t("process.logs")}</Link>{designs ? <span className="row process-acts"><Button leftSection={<Icon name="upload" small />} onClick={() => setUploading(true)}>{t("process.upload")}</Button><Button variant="filled" leftSection={<Icon name="plus" small />} onClick={() => setBegins(true)}>{t("process.new")}</Button></span> : null}</header>
      <div className="processes">
        {found.isPending ? <Bones rows={6} height={36} /> : found.isError ? <Refused problem={asProblem(found.error)} /> : items.length === 0 ? <Blank icon="swap" title={t("process.none")}>{designs ? t("process.noneText") : null}</Blank> : (
          <div className="process-scroll" role="region" tabIndex={0} aria-label={t("process.list")}>
            <table className="process-table">
              <thead><tr><th>{t("process.name")}</th><th>{t("process.about")}</th><th className="n">{t("process.version")}</th>{counted ? <th className="n">{t("process.running")}</th> : null}<th>{t("process.waitsMost")}</th><th><span className="unseen">{t("process.live")}</span></th><th><span className="unseen">{t("process.v.waiting")}</span></th></tr></thead>
              <tbody>{items.map((one) => <Row key={one.code} one={one} counted={counted} chosen={one === chosen} onChoose={() => setSearch({ process: one.code }, { replace: true })} />)}</tbody>
            </table>
          </div>
        )}
        {designs ? <Suspense fallback={null}><Drafts state="submitted" /></Suspense> : null}
        {chosen ? <div ref={versions} className={named ? "process-named" : undefined}><Versions key={chosen.code} process={chosen} designs={designs} /></div> : null}
        {designs ? <Suspense fallback={null}><Drafts state="open" /></Suspense> : null}
      </div>
      {begins ? <Suspense fallback={null}><NewDialog onClose={() => setBegins(false)} /></Suspense> : null}
      {uploading ? <Suspense fallback={null}><UploadDialog publishes={administers} onClose={() => setUploading(false)} onMade={(code) => setSearch({ process: code }, { replace: true })} /></Suspense> : null}
    </main>
  );
}
