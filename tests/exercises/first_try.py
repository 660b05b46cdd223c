from lessons.kit.stage import ALICE


def test_rotation_logs_out_existing_sessions(alice_laptop):
    alice_laptop.sign_in(ALICE)
    alice_laptop.log_out_everywhere()
    assert not alice_laptop.is_signed_in()
