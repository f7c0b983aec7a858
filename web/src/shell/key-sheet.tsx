/** Every key of the page, by place. */
import { Modal } from "@mantine/core";
import { Fragment } from "react";
import { useI18n, type Key as WordKey } from "../i18n";
import { Key } from "../kit/parts";
import { useSession } from "../kit/session";
import { LETTERS } from "./navigation";
import "../i18n/words-flows";
import "../i18n/words-key";
import "../i18n/words-lists";

const GROUPS: { title: WordKey; keys: [string[], WordKey][] }[] = [
  { title: "keys.anywhere", keys: [[["Ctrl K"], "keys.palette"], [["?"], "keys.sheet"], [["G", "W"], "shell.workbench"], [["Esc"], "keys.close"]] },
  { title: "keys.list", keys: [[["↑", "↓", "←", "→"], "keys.move"], [["J", "K"], "keys.rows"], [["Enter"], "keys.edit"], [["O"], "keys.open"], [["Space"], "keys.preview"], [["X"], "keys.select"], [["Ctrl A"], "keys.selectAll"], [["F"], "keys.filter"], [["C"], "keys.create"], [["W"], "keys.why"]] },
  { title: "keys.board", keys: [[["↑", "↓", "←", "→"], "keys.move"], [["[", "]"], "keys.lane"], [["Space"], "keys.preview"], [["Enter"], "keys.open"]] },
  { title: "flow.acts", keys: [[["J", "K"], "keys.rows"], [["A"], "flow.approve"], [["R"], "flow.reject"], [["T"], "flow.transfer"], [["Z"], "queue.later"], [["X"], "queue.pick"], [["M"], "flow.comment"]] },
  { title: "keys.record", keys: [[["E"], "keys.first"], [["Enter"], "keys.save"], [["M"], "keys.comment"], [["W"], "keys.why"]] },
];

export default function KeySheet({ onClose }: { onClose: () => void }) {
  const { t, w } = useI18n();
  const { types } = useSession();
  const jumps = Object.entries(LETTERS).filter(([code]) => types.has(code));
  return (
    <Modal opened onClose={onClose} title={t("shell.keys")} size={640} closeButtonProps={{ "aria-label": t("kit.close") }}>
      <div className="sheet-keys">
        {GROUPS.map((group) => (
          <section key={group.title}>
            <h3>{t(group.title)}</h3>
            <ul>{group.keys.map(([names, word]) => <li key={word}><span>{t(word)}</span><span className="row tight">{names.map((name) => <Key key={name}>{name}</Key>)}</span></li>)}</ul>
          </section>
        ))}
        <section>
          <h3>{t("keys.go")}</h3>
          <ul>{jumps.map(([code, letter]) => <li key={code}><span>{w(types.get(code)?.name)}</span><span className="row tight">{["G", letter.toUpperCase()].map((name) => <Fragment key={name}><Key>{name}</Key></Fragment>)}</span></li>)}</ul>
        </section>
      </div>
    </Modal>
  );
}
