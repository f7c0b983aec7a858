/** A department in a draft, from the organisation's page. */
import { WorkingProvider } from "../draft/working";
import { DepartmentDialog } from "./department-dialog";
import "../../i18n/words-configure";
import "../lend/lend.css";

export default function DepartmentEntry(props: Parameters<typeof DepartmentDialog>[0]) { return <WorkingProvider><DepartmentDialog {...props} /></WorkingProvider>; }
