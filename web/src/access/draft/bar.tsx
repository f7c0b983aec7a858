/** The bar over every page that changes rights: which draft one works in, how much it holds, one step back, what it would do. */
import { Button, Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { draftsQuery } from "../queries";
import { useWorking } from "./working";
import "../../i18n/words-configure";

export function DraftBar() {
  const { t } = useI18n();
  const { may, draft, id, choose, undo } = useWorking();
  const [adding, setAdding] = useState(false);
  const open = useQuery({ ...draftsQuery("open"), enabled: may });
  if (!may) return <div className="draft-bar"><Icon name="eye" small /><span className="soft">{t("draft.readOnly")}</span></div>;
  return (
    <div className="draft-bar" role="region" aria-label={t("draft.bar")}>
      <Menu position="bottom-start" width={280}>
        <Menu.Target>
          <button className={draft ? "tool on" : "tool"}>
            <Icon name="edit" small />
            <span className="cut">{draft ? t("draft.working", { id: draft.id, n: draft.size }) : t("draft.none")}</span><Icon name="down" small />
          </button>
        </Menu.Target>
        <Menu.Dropdown>
          {(open.data?.items ?? []).slice(0, 12).map((one) => <Menu.Item key={one.id} onClick={() => choose(one.id)} rightSection={one.id === id ? <Icon name="check" small /> : null}>{`D-${one.id} ${one.title}`}</Menu.Item>)}
          {open.data?.items.length ? <Menu.Divider /> : null}
          <Menu.Item leftSection={<Icon name="plus" small />} onClick={() => setAdding(true)}>{t("draft.new")}</Menu.Item>
          {id ? <Menu.Item leftSection={<Icon name="x" small />} onClick={() => choose(null)}>{t("draft.leave")}</Menu.Item> : null}
        </Menu.Dropdown>
      </Menu>
      {draft ? <Link className="cut soft draft-title link" to={`/access/drafts/${draft.id}`}>{draft.title}</Link> : <span className="dim cut hide-phone">{t("draft.noneHint")}</span>}
      <span className="end row">
        <Button size="xs" disabled={!undo} onClick={() => void undo?.().catch(() => undefined)}>{t("draft.undo")}</Button>
        {draft ? <Button size="xs" variant="filled" component={Link} to={`/access/simulate?draft=${draft.id}`}>{t("draft.simulate")}</Button> : null}
      </span>
      {adding ? <NewDraft onClose={() => setAdding(false)} /> : null}
    </div>
  );
}

export function NewDraft({ onClose, onMade }: { onClose: () => void; onMade?: (id: string) => void }) {
  const { t } = useI18n();
  const { create } = useWorking();
  const [title, setTitle] = useState("");
  return (
    <ActDialog title={t("draft.new")} act={t("draft.begin")} disabled={!title.trim()} onClose={onClose} onAct={async () => { const id = await create(title.trim()); onMade?.(id); }}>
      <label><span className="field-label">{t("draft.title")}</span><input className="box" value={title} maxLength={200} autoFocus data-autofocus onChange={(event) => setTitle(event.target.value)} /></label>
      <p className="soft">{t("draft.newHint")}</p>
    </ActDialog>
  );
}
