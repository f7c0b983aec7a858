/** What is shown once: a link or a token, to be copied before the dialog closes. It outlives a page that is drawn anew. */
import { Button, Modal } from "@mantine/core";
import { useRef, useState } from "react";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import "../i18n/words-org";

export interface Secret { about: string; title: string; text: string; note: string }
let kept: Secret | null = null;

/** The secret of this person that has not been put away yet. A change of rights draws the page anew and must not lose it. */
export function useSecret(about: string): [Secret | null, (secret: Omit<Secret, "about"> | null) => void] {
  const [, redraw] = useState(0);
  const set = (secret: Omit<Secret, "about"> | null) => { kept = secret && { ...secret, about }; redraw((now) => now + 1); };
  return [kept?.about === about ? kept : null, set];
}

export function SecretDialog({ secret, onClose }: { secret: Secret; onClose: () => void }) {
  const { t } = useI18n();
  const [copied, setCopied] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const copy = async () => {
    box.current?.select();
    try {
      await navigator.clipboard.writeText(secret.text);
      setCopied(true);
    } catch {
      setCopied(false); // a plain-http page has no clipboard: the text stands selected, Ctrl+C takes it
    }
  };
  return (
    <Modal opened onClose={onClose} title={secret.title} size={560} closeOnClickOutside={false} closeOnEscape={false} withCloseButton={false}>
      <div className="stack">
        <p className="note amber">{secret.note}</p>
        <div className="row">
          <input ref={box} className="box secret" readOnly value={secret.text} aria-label={secret.title} onFocus={(event) => event.target.select()} data-autofocus />
          <Button onClick={() => void copy()}><Icon name={copied ? "check" : "clip"} small />{t(copied ? "org.copied" : "org.copy")}</Button>
        </div>
        <div className="row" style={{ justifyContent: "flex-end" }}><Button variant="filled" onClick={onClose}>{t("org.done")}</Button></div>
      </div>
    </Modal>
  );
}
