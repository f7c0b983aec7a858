/** Acts that are done by a process: in their place stands asking for it. */
import { Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import type { TypeMeta } from "../api/types";
import { useI18n } from "../i18n";
import { Icon } from "../kit/icons";
import { processesQuery } from "./queries";
import type { FlowProcess } from "./types";
import "../i18n/words-flows";

export default function ByProcess({ type, acts, onAsk }: { type: TypeMeta; acts: { code: string; name: string }[]; onAsk: (process: FlowProcess) => void }) {
  const { t } = useI18n();
  const processes = useQuery(processesQuery).data?.items.filter((one) => one.type === type.code) ?? [];
  return <>{acts.flatMap((act) => { const process = processes.find((one) => one.only.includes(act.code)); return process ? [<Menu.Item key={act.code} leftSection={<Icon name="swap" small />} onClick={() => onAsk(process)}>{t("flows.askFor", { act: act.name })}</Menu.Item>] : []; })}</>;
}
