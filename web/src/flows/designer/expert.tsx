/** The same file as a BPMN diagram, by bpmn-js (bpmn.io). Its licence asks that the mark at the bottom right stays as it is and in sight: nothing may lie over it. */
import "bpmn-js/dist/assets/diagram-js.css";
import "bpmn-js/dist/assets/bpmn-js.css";
import "bpmn-js/dist/assets/bpmn-font/css/bpmn.css";
import Modeler from "bpmn-js/lib/Modeler";
import Viewer from "bpmn-js/lib/NavigatedViewer";
import { useEffect, useRef, useState } from "react";
import { useI18n } from "../../i18n";
import { pictured, taken } from "./diagram";
import { expertWord } from "./expert-words";

const PAUSE = 500;
/** What a file gives no colour of its own is drawn in the theme's. */
const DRAWN = { defaultFillColor: "var(--surface)", defaultStrokeColor: "var(--ink)", defaultLabelColor: "var(--ink)" };
interface Canvas { zoom: (how: "fit-viewport", centre?: "auto") => void }

export default function Expert({ source, locked, onChange }: { source: string; locked: boolean; onChange: (source: string) => void }) {
  const { t, lang } = useI18n();
  const box = useRef<HTMLDivElement>(null);
  const [wrong, setWrong] = useState<string | null>(null);
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
      const next = taken(known.current, xml);
      known.current = next;
      put.current(next);
    };
    tool.importXML(pictured(known.current)).then(() => {
      if (gone) return;
      (tool.get("canvas") as Canvas).zoom("fit-viewport", "auto");
      tool.on("commandStack.changed", () => { clearTimeout(timer); timer = setTimeout(() => void keep(), PAUSE); });
    }, (cause: unknown) => { if (!gone) setWrong(cause instanceof Error ? cause.message : String(cause)); });
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
    void shown.current?.importXML(pictured(source)).catch((cause: unknown) => setWrong(cause instanceof Error ? cause.message : String(cause)));
  }, [source]);

  return (
    <div className="draw-expert">
      <p className="soft draw-expert-text">{t("design.expertText")}</p>
      {wrong ? <p className="note red" role="alert">{t("design.expertFailed", { why: wrong })}</p> : null}
      <div ref={box} className="draw-expert-box" role="region" aria-label="BPMN" tabIndex={0} />
    </div>
  );
}
