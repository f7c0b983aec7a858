/** Over every page of somebody whose sensitive data is frozen: why cells are masked all at once, and whom to see about it. */
import { Link } from "react-router";
import { useI18n } from "../../i18n";
import { Icon } from "../../kit/icons";
import "../../i18n/words-guard";
import "./guard.css";

export default function FrozenBanner() {
  const { t } = useI18n();
  return <p className="frozen-banner row" role="status"><Icon name="lock" /><span className="grow">{t("guard.frozenNow")}</span><Link className="link nowrap" to="/access/guard?part=mine">{t("guard.mine")}</Link></p>;
}
