import { useNavigate } from '@tanstack/react-router';
import { ChoosePassword, type Purpose } from '../../features/session/components/choose-password.tsx';

export function ChoosePasswordPage({ purpose }: { readonly purpose: Purpose }) {
  const navigate = useNavigate();
  return <ChoosePassword purpose={purpose} onSignedIn={() => void navigate({ to: '/', replace: true })} />;
}
