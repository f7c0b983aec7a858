/** "Ask for access" beside any refusal that can be asked away; its dialog is loaded when it is pressed. */
import { Button } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";

const AskDialog = lazy(() => import("./ask-dialog"));

interface Props { type: string; id: string; field?: string; action?: string; filled?: boolean; quiet?: boolean }

export function AskForAccess({ type, id, field, action, filled, quiet }: Props) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  return (
    <>
      {quiet ? <button className="link" onClick={() => setOpen(true)}>{t("lend.askShort")}</button>
        : <Button size={filled ? "sm" : "xs"} variant={filled ? "filled" : undefined} leftSection={<Icon name="key" small />} onClick={() => setOpen(true)}>{t("lend.askShort")}</Button>}
      {open ? <Suspense fallback={null}><AskDialog type={type} id={id} field={field} action={action} onClose={() => setOpen(false)} /></Suspense> : null}
    </>
  );
}

/** For who holds a record: lend some of it to a colleague without being asked. */
export function LendOut({ type, id }: { type: string; id: string }) {
  const { t } = useI18n();
  const [open, setOpen] = useState(false);
  return (
    <>
      <button className="link" onClick={() => setOpen(true)}>{t("lend.lendOut")}</button>
      {open ? <Suspense fallback={null}><AskDialog type={type} id={id} lend onClose={() => setOpen(false)} /></Suspense> : null}
    </>
  );
}
