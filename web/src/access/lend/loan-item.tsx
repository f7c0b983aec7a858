/** A loan of the workbench's queue, read when it is chosen. */
import { useQuery } from "@tanstack/react-query";
import { asProblem } from "../../api/client";
import { Bones } from "../../kit/parts";
import { Refused } from "../../kit/refused";
import { loanQuery } from "./data";
import { LoanNote } from "./loans";
import "./lend.css";

export default function LoanItem({ id }: { id: string }) {
  const found = useQuery(loanQuery(id));
  if (found.isPending) return <Bones rows={4} height={32} />;
  if (found.isError) return <Refused problem={asProblem(found.error)} />;
  return <LoanNote loan={found.data} />;
}
