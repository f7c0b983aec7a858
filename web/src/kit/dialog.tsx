/** A modal dialog with one solid button for its decision. */
import { Button, Modal } from "@mantine/core";
import { useEffect, useRef, useState, type FormEvent, type ReactNode } from "react";
import { asProblem, type Problem } from "../api/client";
import { useI18n } from "../i18n";
import { Refused } from "./refused";

interface Props {
  title: string; act: string; danger?: boolean; size?: number | string; disabled?: boolean;
  onClose: () => void;
  /** What follows once it is done, when that is more than closing (going to what was made). */
  onDone?: () => void;
  /** Does the thing; a thrown Problem is shown in the dialog, which then stays open. */
  onAct: () => Promise<unknown>;
  /** Problems by field, for a form that shows them at their places. */
  onProblem?: (problem: Problem) => void;
  /** What the form calls the places that a refusal names. */
  places?: Record<string, string>;
  children?: ReactNode;
}

export function ActDialog({ title, act, danger, size, disabled, onClose, onDone, onAct, onProblem, places, children }: Props) {
  const { t } = useI18n();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  // Mantine gives the focus back to what opened it when it closes; these go away while open.
  const before = useRef(document.activeElement);
  useEffect(() => {
    const opener = before.current;
    return () => { setTimeout(() => { if (document.activeElement === document.body && opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true }); }); };
  }, []);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    setBusy(true);
    setProblem(null);
    try {
      await onAct();
      (onDone ?? onClose)();
    } catch (cause) {
      const found = asProblem(cause);
      setProblem(found);
      onProblem?.(found);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} size={size ?? 520} closeButtonProps={{ "aria-label": t("kit.close") }}>
      <form onSubmit={submit} className="stack" noValidate>
        {children}
        {problem ? <Refused problem={problem} places={places} /> : null}
        <div className="row" style={{ justifyContent: "flex-end" }}>
          <Button onClick={onClose}>{t("kit.cancel")}</Button>
          <Button type="submit" variant="filled" color={danger ? "bad" : undefined} loading={busy} disabled={disabled}>{act}</Button>
        </div>
      </form>
    </Modal>
  );
}
