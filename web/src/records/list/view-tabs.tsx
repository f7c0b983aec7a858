/** Saved views as tabs: everything, mine, and those that were saved here or shared by others. */
import { Menu, TextInput } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { send } from "../../api/client";
import { viewsQuery } from "../../api/queries";
import type { SavedView, TypeMeta, ViewDefinition } from "../../api/types";
import { useI18n } from "../../i18n";
import { ActDialog } from "../../kit/dialog";
import { Icon } from "../../kit/icons";
import { fieldOf } from "../../kit/session";
import { useToasts } from "../../kit/toast";
import { BIN, EVERYTHING, MINE, type ListState } from "../state";
import "../../i18n/words-tools";
import "../../i18n/words-lists";

interface Props { type: TypeMeta; state: ListState; definition: ViewDefinition; ready: boolean; onTab: (tab: string, view: SavedView | null) => void }

export function ViewTabs({ type, state, definition, ready, onTab }: Props) {
  const { t } = useI18n();
  const client = useQueryClient();
  const { refuse, say } = useToasts();
  const views = useQuery({ ...viewsQuery(type.code), enabled: ready });
  const [naming, setNaming] = useState<"new" | "rename" | "delete" | null>(null);
  const [name, setName] = useState("");
  const all = views.data?.items ?? [];
  const current = all.find((view) => view.id === state.tab) ?? null;
  const refresh = () => client.invalidateQueries({ queryKey: ["views", type.code] });
  const change = (body: Partial<SavedView>) => { if (current) send<SavedView>("PATCH", `/views/${current.id}`, body).then(() => { say(t("views.saved")); return refresh(); }, refuse); };

  return (
    <>
      <div className="tabs" role="tablist" aria-label={t("views.title")}>
        <button role="tab" className="tab" aria-selected={state.tab === EVERYTHING} onClick={() => onTab(EVERYTHING, null)}>{t("views.all")}</button>
        {fieldOf(type, "owner") ? <button role="tab" className="tab" aria-selected={state.tab === MINE} onClick={() => onTab(MINE, null)}>{t("views.mine")}</button> : null}
        {all.map((view) => <button key={view.id} role="tab" className="tab" aria-selected={view.id === state.tab} title={view.shared ? t("views.sharedHint") : undefined} onClick={() => onTab(view.id, view)}>{view.shared && !view.mine ? <Icon name="users" small /> : null}{view.name}</button>)}
      </div>
      <Menu position="bottom-start" width={200}>
        <Menu.Target><button className="ib" aria-label={t("views.menu")} title={t("views.menu")}><Icon name="save" /></button></Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => { setName(""); setNaming("new"); }}>{t("views.saveAs")}</Menu.Item>
          {current?.mine ? (
            <>
              <Menu.Item onClick={() => change({ definition })}>{t("views.overwrite", { name: current.name })}</Menu.Item>
              <Menu.Item onClick={() => { setName(current.name); setNaming("rename"); }}>{t("views.rename")}</Menu.Item>
              <Menu.Item onClick={() => change({ shared: !current.shared })}>{current.shared ? t("views.unshare") : t("views.share")}</Menu.Item>
              <Menu.Item color="bad" onClick={() => setNaming("delete")}>{t("views.delete")}</Menu.Item>
            </>
          ) : null}
          {type.can.restore ? <><Menu.Divider /><Menu.Item leftSection={<Icon name="trash" small />} onClick={() => onTab(BIN, null)}>{t("bin.name")}</Menu.Item></> : null}
        </Menu.Dropdown>
      </Menu>
      {naming === "new" || naming === "rename" ? (
        <ActDialog title={naming === "new" ? t("views.saveAs") : t("views.rename")} act={t("kit.save")} size={400} disabled={!name.trim()} onClose={() => setNaming(null)}
          onAct={async () => {
            const saved = naming === "new"
              ? await send<SavedView>("POST", "/views", { type: type.code, name: name.trim(), definition, shared: false })
              : await send<SavedView>("PATCH", `/views/${current?.id}`, { name: name.trim() });
            await refresh();
            onTab(saved.id, saved);
          }}>
          <TextInput label={t("views.name")} data-autofocus value={name} maxLength={80} onChange={(event) => setName(event.currentTarget.value)} />
        </ActDialog>
      ) : null}
      {naming === "delete" && current ? (
        <ActDialog title={t("views.delete")} act={t("kit.delete")} danger size={400} onClose={() => setNaming(null)}
          onAct={async () => { await send("DELETE", `/views/${current.id}`); onTab(EVERYTHING, null); await refresh(); }}>
          <p>{t("views.deleteAsk", { name: current.name })}</p>
        </ActDialog>
      ) : null}
    </>
  );
}
