/** What stands in others' menus and not in mine: each says why. */
import { useQuery } from "@tanstack/react-query";
import { get } from "../../api/client";
import type { Words } from "../../api/types";
import { useI18n } from "../../i18n";
import { useWhy } from "../why-context";
import "../../i18n/words-why";

interface Things { pages: Thing[]; types: Thing[] }
interface Thing { code: string; name: Words; may: boolean }

export function Things() {
  const { t, w } = useI18n();
  const { ask } = useWhy();
  const found = useQuery({ queryKey: ["access-things"], queryFn: ({ signal }) => get<Things>("/access/things", signal) });
  const absent = [...(found.data?.types ?? []).map((one) => ({ ...one, page: false })), ...(found.data?.pages ?? []).map((one) => ({ ...one, page: true }))].filter((one) => !one.may);
  if (!absent.length) return null;
  return (
    <section className="why-things" aria-label={t("whyPage.absent")}>
      <h2 className="why-title">{t("whyPage.absent")}</h2>
      <div className="row wrap">
        {absent.map((one) => (
          <button key={`${one.page}-${one.code}`} className="chip" onClick={(event) => ask({ anchor: event.currentTarget, title: t("whyPage.absentTitle", { name: w(one.name) }), action: "read", type: one.code, absent: one.page ? { page: one.code } : { type: one.code } })}>{w(one.name)}</button>
        ))}
      </div>
    </section>
  );
}
