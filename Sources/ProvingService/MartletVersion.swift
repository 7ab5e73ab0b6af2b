/// The version of this build, as `martlet --version` and results give it.
public enum MartletVersion {
    public static let current = "0.1.0"
}
