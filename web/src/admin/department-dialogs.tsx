/** A department: new, changed, moved, led by somebody, closed. */
import { freshKey, send } from "../api/client";
import type { Department } from "../api/types";
import { useI18n, type Key } from "../i18n";
import { ActDialog } from "../kit/dialog";
import { ref, useDone, useForm } from "./form";
import type { DepartmentView } from "./types";
import "../i18n/words-org";

const FUNCTIONS = ["management", "sales", "marketing", "support", "product", "finance", "legal", "hr", "it", "audit", "other"] as const;

/** What departments do, with one that the company has named itself. */
function useFunctions(own: string) {
  const { t } = useI18n();
  const known = FUNCTIONS.map((value) => { const name = t(`org.function.${value}` as Key); return { value: value as string, name: { zh: name, en: name } }; });
  return own && !known.some((one) => one.value === own) ? [...known, { value: own, name: { zh: own, en: own } }] : known;
}

export function DepartmentDialog({ department, parent, onClose }: { department?: DepartmentView; parent: Department | null; onClose: () => void }) {
  const { t } = useI18n();
  const done = useDone();
  const functions = useFunctions(department?.function ?? "");
  const form = useForm({
    name: department?.name ?? "", name_en: department?.name_en ?? "", function: department?.function || null, parent: ref(parent), head: ref(department?.head), overseer: ref(department?.overseer),
  });
  const act = async () => {
    const body = { ...form.body({ name: "text", name_en: "text", parent: "department", head: "person", overseer: "person" }), function: form.text("function") };
    await (department ? send("PATCH", `/organisation/departments/${department.id}`, body) : send("POST", "/organisation/departments", body, { key: freshKey() }));
    await done();
  };
  return (
    <ActDialog title={t(department ? "organisation.editDepartment" : "organisation.addDepartment")} act={t("kit.save")} disabled={!form.text("name")} places={form.places} onClose={onClose} onAct={act}>
      <div className="form-two">
        {form.input("name", "org.name", "text", { required: true, focus: true })}
        {form.input("name_en", "org.nameEn", "text")}
        {form.input("parent", "organisation.parent", "department")}
        {form.input("function", "org.function", "choice", { options: functions })}
        {form.input("head", "organisation.head", "person")}
        {form.input("overseer", "organisation.overseer", "person")}
      </div>
    </ActDialog>
  );
}

export function CloseDepartmentDialog({ department, onClose, onDone }: { department: Department; onClose: () => void; onDone: () => void }) {
  const { t } = useI18n();
  const done = useDone();
  const act = async () => { await send("DELETE", `/organisation/departments/${department.id}`); onDone(); await done(); };
  return (
    <ActDialog title={`${t("org.closeDepartment")} · ${department.name}`} act={t("org.closeDepartment")} danger places={{}} onClose={onClose} onAct={act}>
      <p>{t("org.closeDepartmentAsk")}</p>
    </ActDialog>
  );
}
