/** The same file as a BPMN diagram, by bpmn-js (bpmn.io). Its licence asks that the mark at the bottom right stays as it is and in sight: nothing may lie over it. */
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import Modeler from "bpmn-js/lib/Modeler";
import Viewer from "bpmn-js/lib/NavigatedViewer";
import { useEffect, useId, useRef, useState } from "react";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import { drawnIn, pictured, taken } from "./diagram";
import { expertWord, whyNot } from "./expert-words";

const PAUSE = 500;
/** What a file gives no colour of its own is drawn in the theme's. */
const DRAWN = { defaultFillColor: "var(--surface)", defaultStrokeColor: "var(--ink)", defaultLabelColor: "var(--ink)" };
interface Canvas { zoom: (how: "fit-viewport", centre?: "auto") => void }

export default function Expert({ source, locked, onChange }: { source: string; locked: boolean; onChange: (source: string) => void }) {
  const { t, lang } = useI18n();
  const box = useRef<HTMLDivElement>(null);
  const [wrong, setWrong] = useState<ReturnType<typeof whyNot> | null>(null);
  const [left, setLeft] = useState(0);
  /** On a phone: whether its palette is out. */
  const [tools, setTools] = useState(false);
  const hold = useId();
  /** What the tool holds of the file: what it never had is not taken out of the file by what is changed here. */
  const held = useRef<ReadonlySet<string> | undefined>(undefined);
  const known = useRef(source);
  const put = useRef(onChange);
  put.current = onChange;
  const shown = useRef<InstanceType<typeof Modeler> | null>(null);

  useEffect(() => {
    if (!box.current) return undefined;
    const Kind = locked ? Viewer : Modeler;
    const tool = new Kind({ container: box.current, keyboard: locked ? undefined : { bind: true }, bpmnRenderer: DRAWN, additionalModules: [{ translate: ["value", (text: string, values?: Record<string, string>) => expertWord(lang, text, values)] }] }) as InstanceType<typeof Modeler>;
    shown.current = tool;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const keep = async () => {
      timer = undefined;
      const { xml } = await tool.saveXML({ format: true });
      if (!xml) return;
      const next = taken(known.current, xml, held.current);
      held.current = drawnIn(xml);
      known.current = next;
      put.current(next);
    };
    void show(tool, known.current, () => gone).then((shown) => {
      if (!shown || gone) return;
      (tool.get("canvas") as Canvas).zoom("fit-viewport", "auto");
      tool.on("commandStack.changed", () => { clearTimeout(timer); timer = setTimeout(() => void keep(), PAUSE); });
    });
    return () => {
      gone = true;
      shown.current = null;
      const waits = timer !== undefined;
      clearTimeout(timer);
      if (waits) void keep().finally(() => tool.destroy()); else tool.destroy();
    };
  }, [locked, lang]);

  // The file was changed otherwise meanwhile (undone, loaded anew): the diagram follows.
  useEffect(() => {
    if (source === known.current) return;
    known.current = source;
    const tool = shown.current;
    if (tool) void show(tool, source, () => shown.current !== tool);
  }, [source]);

  /** Whether the tool shows it; where not, why. */
  async function show(tool: InstanceType<typeof Modeler>, file: string, gone: () => boolean): Promise<boolean> {
    try {
      const { warnings } = await tool.importXML(pictured(file));
      const { xml } = await tool.saveXML();
      if (gone()) return false;
      held.current = xml ? drawnIn(xml) : undefined;
      setLeft(warnings.length);
      setWrong(null);
      return true;
    } catch (cause) {
      if (!gone()) setWrong(whyNot(cause instanceof Error ? cause.message : String(cause)));
      return false;
    }
  }

  return (
    <div className="draw-expert">
      <p className="soft draw-expert-text">{t("design.expertText")}</p>
      {wrong ? <p className="note red" role="alert">{t("design.expertFailed", { why: t(wrong) })}</p> : left ? <p className="note amber" role="status">{t("design.expertPartly", { n: left })}</p> : null}
      {locked ? null : <button type="button" className="tool draw-expert-fold" aria-expanded={tools} aria-controls={hold} onClick={() => setTools(!tools)}><Icon name={tools ? "down" : "right"} small />{t("design.expertTools")}</button>}
      <div ref={box} id={hold} className={tools ? "draw-expert-box with-tools" : "draw-expert-box"} role="region" aria-label="BPMN" tabIndex={0} />
    </div>
  );
}
