// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

struct FederationCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fl", abstract: "Verifiable federated learning: every update comes with a proof.",
        subcommands: [
            FederationTask.self, FederationPrepare.self,
            FederationInit.self, FederationCircuits.self, FederationInvite.self, FederationIdentity.self,
            FederationRegister.self, FederationRegistry.self, FederationStart.self, FederationTrain.self,
            FederationRound.self, FederationRetract.self, FederationVerify.self, FederationContract.self,
            FederationCalldata.self,
            FederationProofs.self, FederationPredict.self, FederationExport.self, FederationLog.self,
        ])
}
