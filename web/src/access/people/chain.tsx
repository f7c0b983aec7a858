/** One person's grants as a chain: what everybody has, what the department gives, the position adds, a project adds, and so on. */
import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";
import { asProblem } from "../../api/client";
import { useI18n } from "../../i18n";
import { dayOf } from "../../kit/format";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { chainQuery } from "../queries";
import "../../i18n/words-configure";

export default function Chain({ person }: { person: string }) {
  const { t, w } = useI18n();
  const found = useQuery(chainQuery(person));
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  if (!found.data) return <Bones rows={4} height={28} />;
  return (
    <dl className="chain wide-chain">
      {found.data.layers.filter((layer) => layer.grants.length > 0).map((layer) => (
        <div key={layer.code}><dt>{w(layer.name)}</dt>
          {layer.grants.map((grant) => (
            <dd key={`${grant.id} ${w(grant.via)}`} className="row wrap">
              {grant.role ? <Link className="link" to={`/access/roles/${grant.role}`}>{w(grant.name)}</Link> : <span title={grant.told.map((line) => w(line.sentence)).join(t("kit.semicolon"))}>{w(grant.name)}</span>}
              <span className="dim">{w(grant.via)} · {t("scopes.n", { n: grant.lines })}</span>
              {grant.later ? <span className="chip amber">{t("chain.later", { date: dayOf(grant.from) })}</span> : null}
              {grant.until ? <span className="chip">{t("role.until", { date: dayOf(grant.until) })}</span> : null}
            </dd>
          ))}
        </div>
      ))}
    </dl>
  );
}
