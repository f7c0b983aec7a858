/** The third empty state: this kind of record is not for this person; says why and whom to ask. Same for unknown names. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense } from "react";
import { Link } from "react-router";
import { reasonQuery } from "../api/queries";
import { Missing } from "../access/chain";
import { AskForAccess } from "../access/lend/ask-for-access";
import { RefusalActions } from "../access/refusal-actions";
import { useI18n } from "../i18n";
import { Blank } from "../kit/parts";
import "../i18n/words-lists";
import "../access/access.css";

const LoanGone = lazy(() => import("../access/lend/loan-gone"));

export function NotPermitted({ code, id, ask = id }: { code: string; id?: string; /** The record that may be asked for, when its whole kind is not for this person. */ ask?: string }) {
  const { t } = useI18n();
  const page = code.startsWith("page:") ? code.slice("page:".length) : undefined;
  const why = useQuery(reasonQuery({ action: "read", type: code, id }, id ? undefined : page ? { page } : { type: code }));
  return (
    <main className="page">
      <Blank icon="lock" title={id ? t("empty.noRecord") : t("empty.forbidden")} act={<span className="row wrap">{ask ? <AskForAccess type={code} id={ask} filled /> : null}<Button component={Link} to={id ? `/records/${code}` : "/"}>{id ? t("empty.toList") : t("shell.home")}</Button></span>}>
        {id ? t("empty.noRecordText") : t("empty.forbiddenText")}
      </Blank>
      {ask ? <Suspense fallback={null}><LoanGone id={ask} /></Suspense> : null}
      {why.data && !why.data.allowed ? <div className="blank-why stack"><Missing why={why.data} /><RefusalActions asks={!id} asked={{ action: "read", type: code, id }} why={why.data} onClose={() => undefined} /></div> : null}
    </main>
  );
}
