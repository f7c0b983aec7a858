/** What stands over every page while it lasts: another's eyes or a draft, an emergency, one's own data frozen. Loaded when there is any. */
import EmergencyBanner from "../access/lend/emergency-banner";
import FrozenBanner from "../access/guard/frozen-banner";
import ModeBanner from "../access/modes/banner";
import type { Me } from "../api/types";

export default function Loud({ me, emergency }: { me: Me; emergency: boolean }) {
  return <>{me.mode ? <ModeBanner mode={me.mode} /> : null}{emergency ? <EmergencyBanner /> : null}{me.frozen ? <FrozenBanner /> : null}</>;
}
