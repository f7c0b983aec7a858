/** Moving people in a draft, from pages outside of the permission centre. */
import { WorkingProvider } from "../draft/working";
import { MoveDialog, type MoveProps } from "./move-dialog";
import "../../i18n/words-configure";

export default function MoveEntry(props: MoveProps) { return <WorkingProvider><MoveDialog {...props} /></WorkingProvider>; }
