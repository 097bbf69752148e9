import { Switch } from '../../../components/ui/switch.tsx';

export interface BrowsersSwitchProps {
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}

/** Whether browsers get the flag, with what that means. */
export function BrowsersSwitch({ checked, onChange }: BrowsersSwitchProps) {
  return (
    <div className="flex items-start gap-3">
      <Switch checked={checked} onChange={onChange} label="Send to browsers" />
      <div className="text-sm">
        Send to browsers
        <p className="text-ink-faint text-xs">Its variants and rules become readable to every visitor.</p>
      </div>
    </div>
  );
}
