/** What others have and I have not, in menus and in one type's pages: each says why. */
import { useQuery } from "@tanstack/react-query";
import type { AbsentWish } from "../../api/queries";
import { useI18n } from "../../i18n";
import { useWhy } from "../why-context";
import { thingsQuery, type Thing } from "./wish";
import "../../i18n/words-why";

interface Absent { thing: Thing; wish: AbsentWish; action: string }

export function Things({ type }: { type: string }) {
  const { t, w } = useI18n();
  const found = useQuery(thingsQuery(type)).data;
  if (!found) return null;
  const one = type ? found.types.find((other) => other.code === type) : undefined;
  const menu: Absent[] = [...found.types.map((thing) => ({ thing, wish: { type: thing.code }, action: "read" })), ...found.pages.map((thing) => ({ thing, wish: { page: thing.code }, action: "open" }))];
  const acts = found.acts.map((thing) => ({ thing, wish: { type, action: thing.code }, action: thing.code }));
  const fields = found.fields.map((thing) => ({ thing, wish: { type, field: thing.code }, action: "read" }));
  return (
    <>
      {one?.may ? <Group title={t("whyPage.absentActs", { name: w(one.name) })} type={type} items={acts} /> : null}
      {one?.may ? <Group title={t("whyPage.absentFields", { name: w(one.name) })} type={type} items={fields} /> : null}
      <Group title={t("whyPage.absent")} items={menu} />
    </>
  );
}

function Group({ title, type, items }: { title: string; type?: string; items: Absent[] }) {
  const { t, w } = useI18n();
  const { ask } = useWhy();
  const absent = items.filter((one) => !one.thing.may);
  if (!absent.length) return null;
  return (
    <section className="why-things" aria-label={title}>
      <h2 className="why-title">{title}</h2>
      <div className="row wrap">
        {absent.map(({ thing, wish, action }) => (
          <button key={JSON.stringify(wish)} className="chip" onClick={(event) => ask({ anchor: event.currentTarget, title: t("whyPage.absentTitle", { name: w(thing.name) }), action, type: type ?? thing.code, absent: wish })}>{w(thing.name)}</button>
        ))}
      </div>
    </section>
  );
}
