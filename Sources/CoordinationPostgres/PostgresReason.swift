// SPDX-License-Identifier: Apache-2.0

/// libpq's and the server's words for why there is no connection, in ours: the one place where they become
/// text.
///
/// libpq gives no code for these, only English sentences; those of a server come in its language, and are
/// passed on where they are not known.
enum PostgresReason {
    /// - Parameters:
    ///   - message: one line, without the password.
    ///   - place: `HOST:PORT/DATABASE`.
    static func text(_ message: String, at place: String) -> String {
        let reasons: [(String, String)] = [
            ("Connection refused", "nobody listens there (connection refused); is PostgreSQL running?"),
            ("could not translate host name", "no host of this name is known"),
            ("timeout expired", "no answer in time"),
            ("Connection timed out", "no answer in time"),
            ("No route to host", "there is no way to this host"),
            ("Network is unreachable", "there is no way to this host"),
            ("password authentication failed", "the user or the password is wrong"),
            ("no password supplied", "a password is wanted, and the address has none"),
            ("no pg_hba.conf entry", "the server lets this user not in from here"),
            (
                "Peer authentication failed",
                "the server takes this user only from an account of the same name"
            ),
            ("server does not support SSL", "the server does not speak TLS, and sslmode demands it"),
            ("certificate verify failed", "the server's certificate is not trusted"),
            ("root certificate file", "sslrootcert names no file that can be used"),
            ("invalid port number", "the port is not a number from 1 to 65535"),
            ("too many clients", "the server has no connection left"),
            ("remaining connection slots", "the server has no connection left"),
            ("starting up", "the server is starting up"),
            ("shutting down", "the server is shutting down"),
            ("server closed the connection", "the connection was closed"),
        ]
        if let known = reasons.first(where: { message.contains($0.0) }) { return "\(place): \(known.1)" }
        if message.contains("does not exist") {
            let what = message.contains("role \"") ? "user" : "database"
            return "\(place): the server has no such \(what)"
        }
        if message.contains("No such file or directory") {
            return "\(place): there is no such socket; is PostgreSQL running?"
        }
        return "\(place): \(message)"
    }
}
