UPDATE users SET session_token =
    replace(gen_random_uuid()::text || gen_random_uuid()::text, '-', '');
