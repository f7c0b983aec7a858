/** A page that failed says so and offers a way on; the rest of the shell keeps working. */
import { Button } from "@mantine/core";
import { Component, type ReactNode } from "react";
import { Link } from "react-router";
import { useI18n } from "../i18n";
import { Blank } from "../kit/parts";

function Failed({ message, again }: { message: string; again: () => void }) {
  const { t } = useI18n();
  return <div className="page"><Blank icon="alert" title={t("shell.failed")} act={<Button onClick={again}>{t("kit.again")}</Button>}>{message}</Blank></div>;
}

function NotFound() {
  const { t } = useI18n();
  return (
    <main className="page"><Blank icon="search" title={t("shell.noPage")} act={<Button component={Link} to="/">{t("shell.home")}</Button>}>{t("shell.noPageText")}</Blank></main>
  );
}

export class Crash extends Component<{ children: ReactNode }, { message: string | null }> {
  static NotFound = NotFound;
  override state: { message: string | null } = { message: null };
  static getDerivedStateFromError(cause: unknown): { message: string } { return { message: cause instanceof Error ? cause.message : String(cause) }; }
  override render(): ReactNode {
    const { message } = this.state;
    // A chunk that no longer exists means a newer page was deployed: loading again is the cure.
    return message === null ? this.props.children : <Failed message={message} again={() => location.reload()} />;
  }
}
